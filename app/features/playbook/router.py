from app.features.playbook import schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

checklist_renderer = Renderer(schemas.ChecklistRead)
item_renderer = Renderer(schemas.ChecklistItemRead)

checklists = router("checklists")
checklist_items = router("checklist-items")

add_resource(
    checklists,
    Resource(
        "checklist",
        "checklists",
        checklist_renderer,
        lists=Lists(service.CHECKLISTS, checklist_renderer),
        list=service.list_checklists,
        get=service.get_checklist,
        create=service.create_checklist,
        create_schema=schemas.ChecklistCreate,
        update=service.update_checklist,
        update_schema=schemas.ChecklistUpdate,
        delete=service.delete_checklist,
        about="The playbook: what is to be done on an occasion.",
    ),
)
add_resource(
    checklist_items,
    Resource(
        "checklist_item",
        "checklist-items",
        item_renderer,
        lists=Lists(service.ITEMS, item_renderer),
        list=service.list_items,
        get=service.get_item,
        create=service.create_item,
        create_schema=schemas.ChecklistItemCreate,
        update=service.update_item,
        update_schema=schemas.ChecklistItemUpdate,
        delete=service.delete_item,
        about="The lines of checklists.",
    ),
)
