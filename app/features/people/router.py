from app.core.caller import Right
from app.features.people import queries, schemas, service
from app.http.answers import Renderer
from app.http.lists import Lists
from app.http.resource import Resource, add_resource, router

person_renderer = Renderer(schemas.PersonRead)
skill_renderer = Renderer(schemas.PersonSkillRead)
rate_renderer = Renderer(schemas.PersonRateRead)
time_off_renderer = Renderer(schemas.TimeOffRead)

people = router("people")
skills = router("skills")
rates = router("rates")
time_off = router("time-off")

add_resource(
    people,
    Resource(
        "person",
        "people",
        person_renderer,
        lists=Lists(queries.PEOPLE, person_renderer),
        list=service.list_people,
        get=service.get_person,
        create=service.create_person,
        create_schema=schemas.PersonCreate,
        update=service.update_person,
        update_schema=schemas.PersonUpdate,
        delete=service.delete_person,
        keyed=True,
        about="Those who work for the agency.",
    ),
)
add_resource(
    skills,
    Resource(
        "skill",
        "skills",
        skill_renderer,
        lists=Lists(queries.SKILLS, skill_renderer),
        list=service.list_skills,
        get=service.get_skill,
        create=service.create_skill,
        create_schema=schemas.PersonSkillCreate,
        update=service.update_skill,
        update_schema=schemas.PersonSkillUpdate,
        delete=service.delete_skill,
        about="What people can do, from 1 (has begun) to 5 (teaches it).",
    ),
)
add_resource(
    rates,
    Resource(
        "rate",
        "rates",
        rate_renderer,
        lists=Lists(queries.RATES, rate_renderer),
        list=service.list_rates,
        get=service.get_rate,
        create=service.create_rate,
        create_schema=schemas.PersonRateCreate,
        update=service.update_rate,
        update_schema=schemas.PersonRateUpdate,
        delete=service.delete_rate,
        writers=(Right.OVERRIDE,),
        about="What an hour of a person costs, from a day on. A change costs anew the hours worked while it holds.",
    ),
)
add_resource(
    time_off,
    Resource(
        "time_off",
        "time-off",
        time_off_renderer,
        lists=Lists(queries.TIME_OFF, time_off_renderer),
        list=service.list_time_off,
        get=service.get_time_off,
        create=service.create_time_off,
        create_schema=schemas.TimeOffCreate,
        update=service.update_time_off,
        update_schema=schemas.TimeOffUpdate,
        delete=service.delete_time_off,
        about="Days on which people are away, the last one included.",
    ),
)
