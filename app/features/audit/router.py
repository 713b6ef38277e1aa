from app.core.caller import Right
from app.features.audit import schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

renderer = Renderer(schemas.AuditEntryRead)

audit = router("audit")

add_resource(
    audit,
    Resource(
        "audit_entry",
        "audit",
        renderer,
        lists=Lists(service.AUDIT, renderer),
        list=service.list_audit,
        get=service.get_audit_entry,
        readers=(Right.ADMINISTER,),
        about="What every write has left: who, when, in which request, before and after; newest first.",
    ),
)
