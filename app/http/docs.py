"""/docs: the contract to read and try; its script and style are served from here, so it works without the internet."""

from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.requests import Request
from starlette.responses import Response

# Swagger UI comes from the package registry like everything else; the package also holds what is not used here.
ASSETS = files("fastapi_offline") / "static"
SERVED = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css"}
EMPTY_ICON = "data:,"


async def page(request: Request) -> Response:
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="Tandem",
        swagger_js_url="docs/swagger-ui-bundle.js",
        swagger_css_url="docs/swagger-ui.css",
        swagger_favicon_url=EMPTY_ICON,
    )


async def asset(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2]
    body = (ASSETS / name).read_bytes()
    return Response(body, media_type=SERVED[name], headers={"Cache-Control": "public, max-age=86400"})


def install(app: FastAPI) -> None:
    """Serve the documentation; like the contract itself it needs no sign-in."""
    app.add_route("/docs", page, include_in_schema=False)
    for name in SERVED:
        app.add_route(f"/docs/{name}", asset, include_in_schema=False)
