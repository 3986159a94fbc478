"""The broker's accounts: each gets the rights of its role, for its own names only."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from ingest import wire
from ingest.home_assistant import config_topic
from ingest.night.entries import TopicKind
from soleus.accounts import Account, Role, access_list, check_roles, password_line, read_accounts
from soleus.errors import ConfigError

TEMPLATE = (Path(__file__).parents[2] / "deploy/mosquitto/acl").read_text()
ANNA = Account(Role.COLLECTOR, "anna", "house", "anna", "attic")
STORE = Account(Role.STORE, "store")
READER = Account(Role.READER, "reader")
READ_ANNA = (ANNA.site, ANNA.person, ANNA.collector)


def rights(*accounts: Account) -> dict[str, list[str]]:
    parts = access_list(TEMPLATE, accounts).partition("\n")[2].split("\n\n")
    return {part.splitlines()[0].removeprefix("user "): part.splitlines()[1:] for part in parts}


def test_a_collector_gets_exactly_the_topics_of_its_own_names() -> None:
    entries = [f"topic write {wire.ROOT}/house/anna/{kind}" for kind in TopicKind]
    own = [wire.availability_topic("house", "attic"), wire.tonight_topic("house", "attic")]
    heard = [wire.stored_topic("house", "attic"), wire.mark_topic("house", "anna"), wire.note_topic("house", "anna")]
    said = [*entries, *(f"topic write {topic}" for topic in own), *(f"topic read {topic}" for topic in heard)]
    assert sorted(rights(ANNA)["anna"]) == sorted(said)


def test_no_collector_has_a_wildcard() -> None:
    with_sensors = Account(Role.COLLECTOR, "anna", "house", "anna", "attic", ("left",))
    assert not [line for line in rights(with_sensors)["anna"] if "+" in line or "#" in line]


def test_a_collector_announces_to_home_assistant_the_sensors_that_are_named_and_no_others() -> None:
    assert not [line for line in rights(ANNA)["anna"] if "homeassistant" in line]
    both = Account.parse(Role.COLLECTOR, "anna:home:anna:attic:right.calf,left-shin")
    announced = [line for line in rights(both)["anna"] if "homeassistant" in line]
    assert announced == [f"topic write {config_topic('attic', sensor)}" for sensor in ("left-shin", "right.calf")]


def test_a_writer_reads_every_kind_of_entry_and_says_only_what_was_stored() -> None:
    lines = rights(STORE)["store"]
    assert {f"topic read {topic}" for topic in wire.every_entry()} < set(lines)
    assert [line for line in lines if "write" in line] == [f"topic write {wire.ROOT}/+/+/stored"]


def test_a_reader_sends_marks_and_notes_and_nothing_else() -> None:
    written = [line.rpartition("/")[2] for line in rights(READER)["reader"] if " write " in line]
    assert written == ["mark", "note"]
    assert not [line for line in rights(READER)["reader"] if line.endswith(("stored", "#"))]


def test_a_reader_of_one_person_has_no_wildcard_over_persons() -> None:
    lines = rights(Account.parse(Role.READER, "tablet:home:anna:attic"))["tablet"]
    assert [line for line in lines if "+" in line] == ["topic read homeassistant/device/+/config"]


def test_accounts_of_one_name_add_up_and_each_right_stands_once() -> None:
    second = Account(Role.COLLECTOR, "anna", "house", "ben", "attic")
    lines = rights(ANNA, second)["anna"]
    assert len(lines) == len(set(lines))
    assert set(lines) == {*rights(ANNA)["anna"], *rights(second)["anna"]}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("anna", "account is 'anna', expected NAME:SITE:PERSON:COLLECTOR"),
        ("a:b:c:d:e:f", "expected NAME:SITE:PERSON:COLLECTOR"),
        ("anna:home:+:attic", "account anna: person is '+', expected one name"),
        ("anna:home:#:attic", "account anna: person is '#', expected letters"),
        ("anna:home::attic", "account anna: person is ''"),
        ("an na:home:anna:attic", "account is 'an na', expected letters"),
        ("-f:home:anna:attic", "account is '-f', expected letters"),
        ("../x:home:anna:attic", "account is '../x', expected letters"),
        ("anna:home:an\nuser store:attic", "person is 'an\\nuser store'"),
        ("anna:home:anna:attic:le/ft", "account anna: sensor is 'le/ft'"),
    ],
)
def test_an_account_that_cannot_be_is_refused_in_one_line(text: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Account.parse(Role.COLLECTOR, text)
    assert says in str(refused.value)


def test_a_name_has_one_role() -> None:
    with pytest.raises(ConfigError, match="account store is reader and store, expected one role for a name"):
        check_roles([STORE, Account(Role.READER, "store")])


@pytest.mark.parametrize("site", ["house", "cottage"])
def test_a_collector_has_one_account(site: str) -> None:
    check_roles([ANNA, Account(Role.COLLECTOR, "anna", "house", "ben", "attic"), Account(Role.READER, "r", *READ_ANNA)])
    with pytest.raises(ConfigError, match="accounts anna and eve are both for the collector attic, expected one name"):
        check_roles([ANNA, Account(Role.COLLECTOR, "eve", site, "eve", "attic")])


def test_the_list_of_accounts_reads_back_and_names_the_line_that_does_not() -> None:
    accounts = [ANNA, STORE, READER, Account(Role.COLLECTOR, "b", "s", "p", "c", ("x", "y"))]
    text = "# a comment\n\n" + "".join(f"{account.role} {account}\n" for account in accounts)
    assert read_accounts(text, "accounts") == accounts
    with pytest.raises(ConfigError, match=r"^accounts:7: role is 'root', expected one of collector, store, reader"):
        read_accounts(f"{text}root x:+:+:+\n", "accounts")
    with pytest.raises(ConfigError, match=r"^accounts:7: account is 'x'"):
        read_accounts(f"{text}reader x\n", "accounts")


@pytest.mark.parametrize(
    ("template", "says"),
    [
        (TEMPLATE.replace("role reader", "# no reader"), "expected collector, store, reader"),
        (TEMPLATE.replace("role reader", "rule reader"), "'rule reader', expected 'role NAME'"),
        ("topic write #\n" + TEMPLATE, "'topic write #', expected 'role NAME'"),
    ],
)
def test_a_template_that_is_not_understood_gives_nobody_any_right(template: str, says: str) -> None:
    with pytest.raises(ConfigError) as refused:
        access_list(template, [ANNA])
    assert says in str(refused.value)


def test_a_password_is_salted_and_not_in_its_line() -> None:
    lines = {password_line("anna", "secret") for _ in range(2)}
    assert len(lines) == 2
    assert not [line for line in lines if "secret" in line]


def test_a_password_is_hashed_as_mosquitto_does_it() -> None:
    # Written by `mosquitto_passwd -b FILE anna secret` of Mosquitto 2.0.11.
    theirs = (
        "anna:$7$101$6kM7xUV2+PwfIhCW$"
        "jOYRL8zfnULLqyjcYULs50vlpjA+djRq4iQ1c/y8gNmk5/I5rd2qs/MHMk6PCFzwQ9W4higL24k0bpxSOX1e2w=="
    )
    assert password_line("anna", "secret", base64.b64decode("6kM7xUV2+PwfIhCW")) == theirs
