"""Whom the agency works for: fifteen clients, with the people to speak to."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from app.demo.rows import Values, World
from app.messaging.records import search_text
from app.models.client import Client, ClientStatus, ClientTier, Contact, ContactRole

ACME = UUID("01890000-0000-7000-8000-000000000001")


class Account(NamedTuple):
    """A client before it is a row. `since` is in days ago, `manager` the number of its account manager."""

    code: str
    name: str
    industry: str
    tier: ClientTier
    intensity: int
    since: int
    manager: int
    contacts: tuple[str, ...]
    status: ClientStatus = ClientStatus.ACTIVE
    id: UUID | None = None


STRATEGIC, KEY, STANDARD = ClientTier
MARIA, PRIYA = 0, 2
OWN = "AGENCY"
CHARITY = "HARBOUR"

ACCOUNTS = (
    Account("ACME", "Acme Instruments", "Manufacturing", KEY, 4, 1900, MARIA, ("Ida Holm", "Marc Petit"), id=ACME),
    Account("BELLMONT", "Bellmont Hotels", "Hospitality", STRATEGIC, 5, 2300, PRIYA, ("Nora Bell", "Paul Weiss")),
    Account("CALDERA", "Caldera Coffee", "Food and drink", STANDARD, 3, 900, MARIA, ("Rosa Diaz",)),
    Account("DUNMORE", "Dunmore Insurance", "Insurance", STRATEGIC, 4, 2600, MARIA, ("Ewan Reid", "Isla Fraser")),
    Account("ELBTAL", "Elbtal Water", "Utilities", KEY, 2, 1500, PRIYA, ("Jens Krüger",)),
    Account("FJORDLINE", "Fjordline Ferries", "Transport", KEY, 3, 1200, PRIYA, ("Astrid Lund", "Olav Moe")),
    Account("GRANARY", "The Granary Museum", "Culture", STANDARD, 4, 800, MARIA, ("Beth Amos",)),
    Account("HALCYON", "Halcyon Health", "Health", STRATEGIC, 5, 1700, MARIA, ("Dr Lena Kurz", "Tim Abel")),
    Account("IRONWOOD", "Ironwood Tools", "Retail", STANDARD, 2, 700, PRIYA, ("Sam Ortiz",)),
    Account("JUNIPER", "Juniper Bank", "Banking", KEY, 4, 1400, PRIYA, ("Grace Lee", "Omar Haddad")),
    Account("KESTREL", "Kestrel Air", "Transport", KEY, 3, 1000, MARIA, ("Julia Stone",)),
    Account("LUMEN", "Lumen Energy", "Utilities", STANDARD, 3, 850, PRIYA, ("Pia Sommer",)),
    Account("MERIDIAN", "Meridian Logistics", "Logistics", KEY, 3, 1100, MARIA, ("Hugo Blanc",)),
    Account(CHARITY, "Harbour Kitchen", "Charity", STANDARD, 2, 640, PRIYA, ("Ruth Osei",)),
    Account(OWN, "Our own agency", "Agency", STANDARD, 1, 3300, PRIYA, ("Hanna Vogel",)),
)
DOLLARS = "KESTREL"
POUNDS = "DUNMORE"


def currency_of(code: str) -> str:
    """What a client pays in."""
    return {DOLLARS: "USD", POUNDS: "GBP"}.get(code, "EUR")


def make_clients(world: World, people: list[Values]) -> dict[str, Values]:
    """The clients, by code."""
    clients = {}
    for account in ACCOUNTS:
        given = {"id": account.id} if account.id else {}
        since_on = world.ago(account.since)
        clients[account.code] = client = world.add(
            Client,
            max(since_on, world.begins),
            **given,
            code=account.code,
            name=account.name,
            industry=account.industry,
            tier=account.tier,
            status=account.status,
            communication_intensity=account.intensity,
            since_on=since_on,
            account_manager_id=people[account.manager]["id"],
            search_text=search_text(account.code, account.name),
        )
        _contacts(world, client, account)
    return clients


def _contacts(world: World, client: Values, account: Account) -> None:
    roles = (ContactRole.SPONSOR, ContactRole.APPROVER)
    names = [*zip(account.contacts, roles, strict=False), ("Accounts payable", ContactRole.BILLING)]
    for number, (name, role) in enumerate(names):
        address = name.lower().replace("dr ", "").replace(" ", ".").replace("ü", "ue")
        world.add(
            Contact,
            max(client["since_on"], world.begins) + timedelta(1),
            client_id=client["id"],
            name=name,
            email=f"{address}@{account.code.lower()}.example",
            role=role,
            is_primary=number == 0,
        )
