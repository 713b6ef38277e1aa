"""The agency that the stories are told of, as the API shows it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

import httpx
import time_machine

from tests.features.calls import Json, add

ACCOUNT, PRODUCTION = "account_manager", "production_manager"


@dataclass
class Agency:
    """Who works there, for whom, and on what: by name and code."""

    http: httpx.AsyncClient
    lasts: time_machine.Traveller
    people: dict[str, Json] = field(default_factory=dict)
    clients: dict[str, Json] = field(default_factory=dict)
    projects: dict[str, Json] = field(default_factory=dict)

    def on(self, day: str) -> None:
        self.lasts.move_to(datetime.combine(date.fromisoformat(day), time(9), UTC))

    async def get(self, path: str, **params: Any) -> Json:
        answer = await self.http.get(f"/v1/{path}", params=params)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def items(self, path: str, **params: Any) -> list[Json]:
        found: list[Json] = (await self.get(path, **{"limit": 200, **params} if "/" not in path else params))["items"]
        return found

    async def post(self, path: str, body: Json | None = None, status: int = 200) -> Json:
        answer = await self.http.post(f"/v1/{path}", json=body)
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def patch(self, path: str, status: int = 200, **changes: Any) -> Json:
        answer = await self.http.patch(f"/v1/{path}", json=changes, headers={"If-Match": "*"})
        assert answer.status_code == status, answer.text
        found: Json = answer.json()
        return found

    async def hire(self, name: str, role: str | None = None, **values: Any) -> str:
        person = {"email": f"{name.lower()}@agency.example", "display_name": name, "home_role": role, **values}
        self.people[name] = await add(self.http, "people", **person)
        return self.id(name)

    def id(self, name: str) -> str:
        found: str = self.people[name]["id"]
        return found

    async def project(self, code: str, client: str, **values: Any) -> Json:
        body = {"code": code, "name": f"Project {code}", "client_id": self.clients[client]["id"], **values}
        self.projects[code] = await add(self.http, "projects", **body)
        return self.projects[code]

    def seat(self, code: str, role: str, name: str, **values: Any) -> Json:
        body = {"project_id": self.projects[code]["id"], "role": role, "person_id": self.id(name)}
        return {**body, "valid_from": "2026-01-01", **values}

    async def sits(self, code: str, on: str) -> dict[str, Json]:
        return {seat["role"]: seat for seat in await self.items(f"projects/{code}/seats", on=on)}

    async def holders(self, code: str, on: str) -> tuple[str, str]:
        seats = await self.sits(code, on)
        names = {person["id"]: name for name, person in self.people.items()}
        return names[seats[ACCOUNT]["person_id"]], names[seats[PRODUCTION]["person_id"]]
