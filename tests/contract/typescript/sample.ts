// What a front end does first, in types that are generated from the contract: a wrong path, field or parameter does not compile.
import createClient from "openapi-fetch";

import type { components, paths } from "./contract";

type Project = components["schemas"]["ProjectRead"];

const api = createClient<paths, "application/json" | "application/problem+json">({
  baseUrl: "http://127.0.0.1:8000",
  headers: { Authorization: "Bearer tdm_…" },
});

export async function activeProjects(): Promise<Project[]> {
  const found: Project[] = [];
  let cursor: string | undefined;
  do {
    const { data, error } = await api.GET("/v1/projects", {
      params: { query: { status: ["active"], sort: ["-due_on", "code"], limit: 200, ...(cursor ? { cursor } : {}) } },
    });
    if (error) throw new Error(`${error.code}: ${error.detail}`);
    found.push(...data.items);
    cursor = data.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return found;
}

export async function createNorthwind(): Promise<string> {
  const { data, error, response } = await api.POST("/v1/clients", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { code: "NORTHWIND", name: "Northwind Traders", tier: "key" },
  });
  if (error) throw new Error(error.errors?.map((field) => `${field.pointer} ${field.detail}`).join(", ") ?? error.detail);
  const changed = await api.PATCH("/v1/clients/{id}", {
    params: { path: { id: data.code }, header: { "If-Match": response.headers.get("ETag") ?? data.etag } },
    body: { tier: "strategic" },
  });
  return changed.data?.tier ?? data.id;
}

export async function billableShareByQuarter(): Promise<[string, number | null][]> {
  const { data, error } = await api.GET("/v1/kpis/{name}/values", {
    params: { path: { name: "billable_share" }, query: { grain: "quarter" } },
  });
  if (error) throw new Error(error.detail);
  return data.rows.map((row) => [String(row.period), row.value === null ? null : Number(row.value)]);
}

// @ts-expect-error: there is no such path.
void api.GET("/v1/clints");
// @ts-expect-error: a client needs a name.
void api.POST("/v1/clients", { body: { code: "NORTHWIND" } });
