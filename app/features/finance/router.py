from app.core.caller import Right
from app.features.finance import schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

expense_renderer = Renderer(schemas.ExpenseRead)
invoice_renderer = Renderer(schemas.InvoiceRead)
rate_card_renderer = Renderer(schemas.RateCardRead)
exchange_rate_renderer = Renderer(schemas.ExchangeRateRead)

expenses = router("expenses")
invoices = router("invoices")
rate_cards = router("rate-cards")
exchange_rates = router("exchange-rates")

add_resource(
    expenses,
    Resource(
        "expense",
        "expenses",
        expense_renderer,
        lists=Lists(service.EXPENSES, expense_renderer),
        list=service.list_expenses,
        get=service.get_expense,
        create=service.create_expense,
        create_schema=schemas.ExpenseCreate,
        update=service.update_expense,
        update_schema=schemas.ExpenseUpdate,
        delete=service.delete_expense,
        about="Money spent on projects, beside hours.",
    ),
)
add_resource(
    invoices,
    Resource(
        "invoice",
        "invoices",
        invoice_renderer,
        lists=Lists(service.INVOICES, invoice_renderer),
        list=service.list_invoices,
        get=service.get_invoice,
        create=service.create_invoice,
        create_schema=schemas.InvoiceCreate,
        update=service.update_invoice,
        update_schema=schemas.InvoiceUpdate,
        delete=service.delete_invoice,
        about="Money charged for projects.",
    ),
)
add_resource(
    rate_cards,
    Resource(
        "rate_card",
        "rate-cards",
        rate_card_renderer,
        lists=Lists(service.RATE_CARDS, rate_card_renderer),
        list=service.list_rate_cards,
        get=service.get_rate_card,
        create=service.create_rate_card,
        create_schema=schemas.RateCardCreate,
        update=service.update_rate_card,
        update_schema=schemas.RateCardUpdate,
        delete=service.delete_rate_card,
        writers=(Right.OVERRIDE,),
        about="What an hour in a role is charged at.",
    ),
)
add_resource(
    exchange_rates,
    Resource(
        "exchange_rate",
        "exchange-rates",
        exchange_rate_renderer,
        lists=Lists(service.EXCHANGE_RATES, exchange_rate_renderer),
        list=service.list_exchange_rates,
        get=service.get_exchange_rate,
        create=service.create_exchange_rate,
        create_schema=schemas.ExchangeRateCreate,
        update=service.update_exchange_rate,
        update_schema=schemas.ExchangeRateUpdate,
        delete=service.delete_exchange_rate,
        writers=(Right.OVERRIDE,),
        about="What currencies are worth in others.",
    ),
)
