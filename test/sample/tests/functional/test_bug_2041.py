"""Bug 2041: a ship moved off a closed berth forgot how long it was."""

from tests import base
from tests import fixtures as harbour_fixtures


class DisplacedBookingKeepsItsSizeTest(base.HarbourTestCase):
    """Regression test for bug 2041.

    When the harbour master closes a berth, the ships booked there are planned
    again. The message that asked for the new plan used to carry the name of
    the ship and nothing else, so the planner took any berth for long enough,
    and a tanker of 120 metres was sent to a berth of 90.

    The first test plans a displaced ship again and looks at the new berth.
    The others leave no berth that fits: then the ship has to wait, which
    used to end in NoBerthAvailable inside the planner and a lost booking.
    """

    def setUp(self):
        super().setUp()
        # The tide office is another service; answer for it.
        harbour_fixtures.set_stub_network_methods(self)

        # The API runs in this process, with its access rules in force. Only
        # the harbour master may close a berth, so that is who we are.
        berths = self.useFixture(harbour_fixtures.BerthAPIFixture())
        self.api = berths.admin_api

        # Whatever is published goes to the planner, one message at a time.
        self.queue.subscribe(berths.app.place)

        harbour_fixtures.set_moorings(
            [
                {"name": "north-1", "length": 90},
                {"name": "north-2", "length": 140},
                {"name": "quay-4", "length": 260},
            ]
        )
        self.addCleanup(harbour_fixtures.restore_moorings)

    def _book(self, ship, length):
        """Book a berth and wait until the ship has one."""
        wish = {"ship": ship, "length": length, "draught": 7.0}
        booking = self.api.post_booking(wish)
        return self._wait_for_state(booking, "moored")

    def _wait_for_state(self, booking, expected_state):
        """Deliver messages until the booking is in the expected state."""
        state = None
        for _ in range(20):
            self.queue.deliver_one()
            found = self.api.get_booking(booking["id"])
            state = found["state"]
            if state == expected_state:
                return found
        self.fail(
            f"booking of {booking['ship']} should be {expected_state}, is {state}"
        )

    def _wait_for_move(self, booking):
        """Deliver messages until the booking has left its berth."""
        found = booking
        for _ in range(20):
            self.queue.deliver_one()
            found = self.api.get_booking(booking["id"])
            if found.get("berth") != booking["berth"]:
                return found
        self.fail(f"{booking['ship']} is still at {found.get('berth')}")

    def test_displaced_ship_gets_a_berth_that_fits(self):
        booking = self._book("MT Halcyon", length=120)
        self.assertEqual("north-2", booking["berth"])

        self.api.close_berth("north-2")
        moved = self._wait_for_move(booking)

        # Before the fix this was north-1, thirty metres too short.
        self.assertEqual("quay-4", moved["berth"])
        self.assertEqual(120, moved["length"])
        self.assertEqual("moored", moved["state"])
        self.assert_published("booking.displaced")

    def test_displaced_ship_waits_when_no_berth_is_long_enough(self):
        harbour_fixtures.set_moorings(
            [
                {"name": "north-1", "length": 90},
                {"name": "north-2", "length": 140},
            ]
        )
        self.addCleanup(harbour_fixtures.restore_moorings)
        booking = self._book("MT Halcyon", length=120)

        self.api.close_berth("north-2")
        waiting = self._wait_for_state(booking, "waiting")

        self.assertEqual(120, waiting["length"])
        self.assert_published("booking.displaced")

    def test_other_ships_stay_where_they_are(self):
        ferry = self._book("MS Kittiwake", length=80)
        tanker = self._book("MT Halcyon", length=120)
        self.assertEqual("north-1", ferry["berth"])

        self.api.close_berth("north-2")
        self._wait_for_move(tanker)

        self.assertEqual("north-1", self.api.get_booking(ferry["id"])["berth"])
        self.assert_published("booking.displaced", count=1)
