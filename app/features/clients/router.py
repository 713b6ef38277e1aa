from app.features.clients import schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

client_renderer = Renderer(schemas.ClientRead)
contact_renderer = Renderer(schemas.ContactRead)

clients = router("clients")
contacts = router("contacts")

add_resource(
    clients,
    Resource(
        "client",
        "clients",
        client_renderer,
        lists=Lists(service.CLIENTS, client_renderer),
        list=service.list_clients,
        get=service.get_client,
        create=service.create_client,
        create_schema=schemas.ClientCreate,
        update=service.update_client,
        update_schema=schemas.ClientUpdate,
        delete=service.delete_client,
        keyed=True,
        about="Those whom the agency works for.",
    ),
)
add_resource(
    contacts,
    Resource(
        "contact",
        "contacts",
        contact_renderer,
        lists=Lists(service.CONTACTS, contact_renderer),
        list=service.list_contacts,
        get=service.get_contact,
        create=service.create_contact,
        create_schema=schemas.ContactCreate,
        update=service.update_contact,
        update_schema=schemas.ContactUpdate,
        delete=service.delete_contact,
        about="People at the clients'.",
    ),
)
