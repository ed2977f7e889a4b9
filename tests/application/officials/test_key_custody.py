"""An official's key needs the official: what lies on the disk, and whoever administers, can't sign in another's name."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from application.audit.fsck import Fsck
from application.campaign.genesis import CITY
from application.officials.keys import EnrolKey, ResetPassword, RotateKey
from application.officials.officials import EnrolOfficial, GrantRole, RevokeKey, SetPassword
from application.platform.clock import SystemClock
from application.registers.registers import RegisterCompany
from application.vault.crypto import Box, Secrets, Unreadable
from application.vault.passwords import Cost, Password
from application.vault.people import Person
from application.vault.signing_keys import KeyRing, under_master_alone
from application.verifier.rules.rights_register import SERVICE
from domain import rules
from domain.companies.company import check_character
from domain.errors import NotAllowed, RuleBroken
from domain.values import Actor
from tests.application.core.test_ledger import verified
from tests.cities import STARTING, TOWN, City, at_work

CHEAP = Cost(1, 1, 8)
OWN = Password("a sentence of my own", CHEAP)
STEM = "91320581MA1X00007"
CODE = STEM + check_character(STEM)


@pytest.fixture
def city(database, tmp_path):
    """A log in production."""
    city = City.found(database, SystemClock(), tmp_path, "production")
    yield city
    city.ledger.close()


@pytest.fixture
def secrets(city, tmp_path):
    return Secrets.load(tmp_path / "keys" / "master.key")


@pytest.fixture
def row(database):
    """(keyid, sealed, lock) of somebody's newest key, as it lies on the disk."""

    def read(actor: Actor):
        with database.cursor() as cursor:
            query = "SELECT keyid, sealed, lock FROM vault.signing_key WHERE owner = %s ORDER BY made_at DESC LIMIT 1"
            cursor.execute(query, (actor.id,))
            keyid, sealed, lock = cursor.fetchone()
        return keyid, bytes(sealed), lock

    return read


def act(city: City, actor: Actor) -> None:
    city.ledger.handle(RegisterCompany(id=uuid4(), actor=actor, code=CODE, name="演练物业有限公司"))


def by(city: City, kind, actor: Actor, **members):
    return city.ledger.handle(kind(id=uuid4(), actor=actor, **members))


def change(city: City, actor: Actor, old: Password = STARTING, new: Password = OWN):
    return by(city, SetPassword, actor, password=new, old=old)


class TestStolen:
    """The rows and the master key in one hand."""

    def test_no_password_no_signature(self, city, database, secrets, row):
        desk = city.desk
        ring, trained = (KeyRing(database, secrets, guarded=guarded) for guarded in (True, False))

        for open_ in (ring.signer, trained.signer):
            with pytest.raises(NotAllowed):
                open_(desk.id)
        with pytest.raises(Unreadable):
            ring.unlock(desk.id, Password("a guess", CHEAP))
        keyid, sealed, lock = row(desk)
        inner = secrets.box("signing key").open(sealed, f"{keyid} {lock}".encode())
        with pytest.raises(ValueError, match="32 bytes"):
            Ed25519PrivateKey.from_private_bytes(inner)
        with pytest.raises(Unreadable):
            Box(bytes(32)).open(inner, keyid.encode())

    def test_the_password_alone_opens_nothing_either(self, city, database):
        with pytest.raises(Unreadable):
            KeyRing(database, Secrets(bytes(32)), guarded=True).unlock(city.desk.id, STARTING)

    def test_the_service_signs_by_itself(self, city, database, secrets):
        assert KeyRing(database, secrets, guarded=True).signer(SERVICE).keyid == city.ledger.keys.service.keyid

    def test_a_lock_can_not_be_taken_off_or_exchanged(self, city, database, dsn, row):
        keyid, _, lock = row(city.desk)
        for altered in (None, lock.replace(":8:", ":9:")):
            with database.cursor() as cursor:
                cursor.execute("UPDATE vault.signing_key SET lock = %s WHERE keyid = %s", (altered, keyid))
            with pytest.raises(Unreadable):
                city.ledger.keys.unlock(city.desk.id, STARTING)

    def test_an_actor_without_a_key_in_hand_is_refused(self, city):
        with pytest.raises(NotAllowed, match="请重新登录"):
            act(city, replace(city.desk, signer=None))

        assert "company.registered" not in city.topics()

    def test_somebody_elses_key_does_not_do(self, city):
        with pytest.raises(NotAllowed, match=r"不是 .* 的密钥"):
            act(city, replace(city.desk, signer=city.actor("auditor", CITY).signer))


class TestOwnPassword:
    def test_the_change_of_a_starting_password_begins_a_new_key(self, city, row, database):
        """Whoever told the starting password might have kept what it opens."""
        told, before = city.desk, row(city.desk)[0]
        with database.cursor() as cursor:
            cursor.execute("UPDATE vault.credential SET one_time = true WHERE official = %s", (told.id,))

        change(city, told)

        assert city.topics()[-2:] == ["credential.set", "key.rotated"]
        assert row(told)[0] != before
        with pytest.raises(NotAllowed, match="密钥已停用"):
            act(city, told)
        act(city, at_work(city.ledger, told, OWN))
        assert verified(city.ledger) == len(city.topics())

    def test_a_later_change_keeps_the_key_and_the_old_password_opens_it_no_longer(self, city, row):
        desk, before = city.desk, row(city.desk)

        change(city, desk)

        assert (row(desk)[0], row(desk)[1] != before[1]) == (before[0], True)
        with pytest.raises(Unreadable):
            city.ledger.keys.unlock(desk.id, STARTING)
        act(city, at_work(city.ledger, desk, OWN))

    def test_without_the_old_one_nothing_is_changed(self, city, row):
        before = row(city.desk)

        with pytest.raises(RuleBroken, match="现在的口令不正确"):
            change(city, city.desk, old=Password("a guess", CHEAP))

        assert (row(city.desk), city.topics().count("credential.set")) == (before, 0)

    def test_nobody_rotates_somebody_elses(self, city):
        town, official = city.actor("town_handler"), UUID(city.desk.id)
        with pytest.raises(NotAllowed, match="只能为本人的账号"):
            by(city, RotateKey, town, official=official, password=OWN)

    def test_on_a_log_with_older_rules_the_key_is_wrapped_anew(self, city, row, database, monkeypatch):
        """They don't allow an official to rotate; the password must be changed all the same."""
        older = {**rules.TYPES, "key.rotated": rules._rule("key_admin")}
        authority = city.ledger.authority()
        authority.adopted.append(authority.in_force._replace(types=older))
        monkeypatch.setattr(city.ledger, "authority", lambda: authority)
        desk, before = city.desk, row(city.desk)[0]
        with database.cursor() as cursor:
            cursor.execute("UPDATE vault.credential SET one_time = true")

        change(city, desk)

        assert (row(desk)[0], city.topics()[-1]) == (before, "credential.set")


class TestGiven:
    """What administrators may do, and may not."""

    @pytest.fixture
    def keeper(self, city):
        return city.actor("key_admin", CITY)

    def test_a_reset_ends_the_old_key_before_everybodys_eyes(self, city, keeper, row):
        desk, old = city.desk, row(city.desk)

        receipt = by(city, ResetPassword, keeper, official=UUID(desk.id), password=OWN, reason="忘记口令")

        events = list(city.ledger.read(after=receipt.first - 1, limit=9))
        assert [event.topic for event in events] == ["credential.reset", "key.revoked", "key.enrolled"]
        assert {event.actor for event in events} == {keeper.id}
        assert (events[1].data["keyid"], events[2].data["keyid"]) == (old[0], row(desk)[0])
        assert city.ledger.vault.people.credential_of(UUID(desk.id)).one_time
        with pytest.raises(NotAllowed, match="密钥已停用"):
            act(city, desk)  # whoever still had it in hand
        act(city, at_work(city.ledger, desk, OWN))
        assert verified(city.ledger) == len(city.topics())

    def test_a_reset_after_a_revocation_enrols_alone(self, city, keeper):
        official = UUID(city.desk.id)
        by(city, RevokeKey, keeper, official=official, reason="遗失")

        receipt = by(city, ResetPassword, keeper, official=official, password=OWN, reason="忘记口令")

        assert city.topics()[receipt.first - 1 :] == ["credential.reset", "key.enrolled"]

    def test_the_founders_key_is_reset_like_anybodys(self, city, keeper):
        """It was enrolled where the log was opened, not in the founder's own stream."""
        founder = UUID(city.administrator.id)
        city.actor("role_admin", CITY)

        by(city, ResetPassword, keeper, official=founder, password=OWN, reason="忘记口令")
        by(city, RotateKey, keeper, official=founder, password=STARTING)
        by(city, RevokeKey, keeper, official=founder, reason="离任")

        assert city.topics()[-5:] == ["credential.reset", "key.revoked", "key.enrolled", "key.rotated", "key.revoked"]

    def test_a_reset_is_whole_or_nothing(self, city, keeper, row):
        before, size = row(city.desk), len(city.topics())

        with pytest.raises(NotAllowed):
            by(
                city,
                ResetPassword,
                city.actor("role_admin", CITY),
                official=UUID(city.desk.id),
                password=OWN,
                reason="x",
            )

        assert (row(city.desk), city.topics()[size:]) == (
            before,
            ["person.named", "official.enrolled", "key.enrolled", "role.granted"],
        )

    def test_nobody_resets_their_own(self, city, keeper):
        with pytest.raises(RuleBroken, match="另一位密钥管理员"):
            by(city, ResetPassword, keeper, official=UUID(keeper.id), password=OWN, reason="x")

    def test_a_new_official_takes_two_administrators(self, city, keeper):
        """role_admin makes account and role, key_admin the key: neither makes somebody who can sign."""
        roles, person = city.actor("role_admin", CITY), Person("新来的", "", "N-1")
        with pytest.raises(NotAllowed):
            by(city, EnrolOfficial, roles, person=person, login="newcomer", password=OWN)

        by(city, EnrolOfficial, roles, person=person, login="newcomer")
        credential = city.ledger.vault.people.credential("newcomer")
        by(city, GrantRole, roles, official=credential.official, role="city_desk", unit=CITY)
        newcomer = Actor(str(credential.official), "city_desk", CITY)
        with pytest.raises(NotAllowed, match="没有签名密钥"):
            at_work(city.ledger, newcomer, OWN)
        by(city, EnrolKey, keeper, official=credential.official, password=OWN)

        act(city, at_work(city.ledger, newcomer, OWN))
        assert city.ledger.vault.people.credential("newcomer").one_time
        assert not Password("!").matches(credential.password)


class TestSilent:
    """The password is said nowhere."""

    def test_commands_keep_it_to_themselves(self, city):
        one = SetPassword(id=uuid4(), actor=city.desk, password=OWN, old=STARTING)
        other = replace(one, password=Password("another one"))

        assert one.digest == other.digest
        assert not any(word in repr(one) for word in ("a sentence of my own", "correct horse", OWN.hashed))

    def test_it_is_in_no_table_and_no_entry(self, city, database):
        change(city, city.desk)
        with database.cursor() as cursor:
            cursor.execute(
                "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('log', 'vault', 'web')"
            )
            for schema, table in cursor.fetchall():
                cursor.execute(
                    f"SELECT count(*) FROM {schema}.{table} t WHERE t::text LIKE ANY(%s)",
                    (["%my own%", f"%{b'my own'.hex()}%"],),
                )
                assert cursor.fetchone() == (0,), table


class TestOld:
    """A key from before passwords wrapped them."""

    @pytest.fixture
    def old(self, city, secrets, row, database):
        """The desk's key as older programs kept it."""
        desk, (keyid, _, _) = city.desk, row(city.desk)
        private = city.ledger.keys.unlock(desk.id, STARTING).private
        sealed = secrets.box("signing key").seal(private, keyid.encode())
        with database.cursor() as cursor:
            cursor.execute("UPDATE vault.signing_key SET sealed = %s, lock = NULL WHERE keyid = %s", (sealed, keyid))
        return desk

    def test_it_is_wrapped_when_the_password_is_known(self, city, old, row, database):
        assert under_master_alone(database) == (1, 2)

        act(city, at_work(city.ledger, old))

        assert (row(old)[2] is not None, under_master_alone(database)) == (True, (0, 2))
        with pytest.raises(Unreadable):
            city.ledger.keys.unlock(old.id, OWN)

    def test_even_before_that_nobody_signs_without_the_person(self, city, old):
        with pytest.raises(NotAllowed, match="请重新登录"):
            act(city, replace(old, signer=None))

    def test_a_new_password_wraps_it_as_well(self, city, old, row):
        change(city, old)

        assert row(old)[2] is not None
        act(city, at_work(city.ledger, old, OWN))


class TestFsck:
    @pytest.fixture
    def fsck(self, keyed, city):
        city.actor("town_handler", TOWN)
        return lambda: [fault for fault in Fsck(keyed, city.ledger).run().faults if "signing key" in fault]

    def test_without_passwords_it_sees_that_the_right_keys_are_there(self, fsck):
        assert fsck() == []

    def test_a_key_that_was_exchanged_is_named(self, city, fsck, database, row):
        mine, other = row(city.actor("town_handler", TOWN)), row(city.administrator)
        with database.cursor() as cursor:
            cursor.execute(
                "UPDATE vault.signing_key SET sealed = %s, lock = %s WHERE keyid = %s", (*other[1:], mine[0])
            )

        assert ["can't be opened with this master key" in fault for fault in fsck()] == [True]

    def test_a_key_that_the_log_does_not_know_is_named(self, city, fsck, database):
        owner = city.actor("town_handler", TOWN).id
        _, _, stray = city.ledger.keys.create(owner, OWN)
        with database.cursor() as cursor:
            cursor.execute(stray.statement.replace("%s", "(%s, %s, %s, %s)"), stray.row)

        assert fsck() == [f"the signing key that the vault has of {owner} is not the one in force"]
