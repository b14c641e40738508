"""Who may book, who may close a berth, and what is announced."""

from unittest import mock

import fixtures
from oslo_utils import uuidutils

from harbour import planner, tides
from tests import base
from tests import fixtures as harbour_fixtures


class BookingAccessTest(base.HarbourTestCase):
    """The access rules, as three different people meet them."""

    def setUp(self):
        super().setUp()
        berths = self.useFixture(harbour_fixtures.BerthAPIFixture())
        self.api = berths.api
        self.admin_api = berths.admin_api
        self.anonymous_api = berths.anonymous_api

    def test_agent_books(self):
        booking = self.api.post_booking({"ship": "MV Calypso", "length": 84})

        self.assertTrue(uuidutils.is_uuid_like(booking["id"]))
        self.assertEqual("requested", booking["state"])
        self.assert_published("booking.requested")

    def test_booking_without_token_is_unauthorized(self):
        wish = {"ship": "MV Calypso", "length": 84}

        self.assert_refused(401, self.anonymous_api.post_booking, wish)
        self.assert_published("booking.requested", count=0)

    def test_agent_may_not_close_a_berth(self):
        self.assert_refused(403, self.api.close_berth, "north-1")

    def test_harbour_master_closes_a_berth(self):
        harbour_fixtures.set_moorings([{"name": "south-9", "length": 60}])
        self.addCleanup(harbour_fixtures.restore_moorings)

        answer = self.admin_api.close_berth("south-9")

        self.assertEqual({"closed": "south-9"}, answer)

    def test_unknown_booking(self):
        missing = uuidutils.generate_uuid()

        self.assert_refused(404, self.admin_api.get_booking, missing)


class PlannerTest(base.HarbourTestCase):
    """The planner alone, with a tide office that says what we like."""

    BERTHS = [{"name": "quay-4", "length": 260}, {"name": "north-1", "length": 90}]
    SHIP = {"ship": "MV Calypso", "length": 84, "draught": 6.5}

    def setUp(self):
        super().setUp()
        depth = fixtures.MockPatchObject(tides, "depth_at", autospec=True)
        self.depth_at = self.useFixture(depth).mock
        self.depth_at.return_value = 12.0

    def test_shortest_berth_first(self):
        self.assertEqual("north-1", planner.assign(self.SHIP, self.BERTHS))
        self.depth_at.assert_has_calls([mock.call("north-1"), mock.call("quay-4")])

    def test_closed_berth_is_passed_over(self):
        berths = [self.BERTHS[0], {"name": "north-1", "length": 90, "closed": True}]

        self.assertEqual("quay-4", planner.assign(self.SHIP, berths))
        self.depth_at.assert_called_once_with("quay-4")

    def test_low_water(self):
        self.depth_at.return_value = 4.0

        refusal = self.assertRaises(
            planner.NoBerthAvailable, planner.assign, self.SHIP, self.BERTHS
        )
        self.assertIn("MV Calypso", str(refusal))

    def test_tide_office_is_down(self):
        self.depth_at.side_effect = TimeoutError("tide office")

        with self.assertRaisesRegex(TimeoutError, "tide office"):
            planner.assign(self.SHIP, self.BERTHS)
        self.depth_at.assert_called_once_with("north-1")
