from app.features.relationships import schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

renderer = Renderer(schemas.RelationshipRead)

relationships = router("relationships")

add_resource(
    relationships,
    Resource(
        "relationship",
        "relationships",
        renderer,
        lists=Lists(service.RELATIONSHIPS, renderer),
        list=service.list_relationships,
        get=service.get_relationship,
        create=service.create_relationship,
        create_schema=schemas.RelationshipCreate,
        update=service.update_relationship,
        update_schema=schemas.RelationshipUpdate,
        delete=service.delete_relationship,
        about="Which people know which clients, and how well: what a re-assignment should not break.",
    ),
)
