"""Notices to mariners: signing, publishing, and the tide table they quote."""

import json
import ssl
import unittest
import urllib.request
from unittest import mock

import jwt
import requests
from cryptography.hazmat.primitives import serialization

from harbour import notices

NOTICES_URL = "https://notices.example.test/issues"
NOTICES_TOKEN = "ghp_ViBaQ4VCb3ShYPzPyUewesWfBAXNtnubfk9C"

TIDE_TABLE = "https://tides.harbour-shipping.com/today.json"

SIGNING_KEY = """-----BEGIN RSA PRIVATE KEY-----
MIIEoQIBAAKCAQEAprGJqlWxnTXsz+1UvVzaI1g8BdWxzQLiJi2NlX/uFbF2zjnB
r0LrCKqo7idf2hKpsSVg9HVFfv9FiTZAVvl+WEeKMrsBIkXTjTQxrJoRqsRsiPLq
84DI7VUtHCHIEwwgTrhGJbeBlQGkVgcH2gupTK7x3Kex3tBNYw4imTWD4N0GcBW6
mxuYb39c6xOCVXh8DcgGjUOYFPVPMRGsOSlQKol+eUeqDpy/COFaPy2OwY9i16aN
QoejuyyO29RfeUZ7y0jMsqT/upgzsNHNm2zcXT2HQTOVB+kqrye8RpZhc71eWUTk
QjMr/Df8nwxHjtA58tleer9grgZqzv3I20CR5wIDAQABAoH/MFucapQbaXIyxmbw
RZ+YTU5wEKdlziL8urcfhFPqNJnq6KvMyi54fBu9Tvd3caz4WxzLz1hbLRW0CJZI
YkkpQY2CIzwWXG7dZHbi+OStYzEvzq1xBZapwiWUyCHBEZhrrxRe6GZt45/pN+qb
2IkwpLt8sSfShUfcvABH4sWoRXvwpSnLex4MmlPRB1N/f2PulQyhUr9NtHo/LzQc
bcXI0gjS0uI0RYbN2ySKURlYjZsB2cQ0iTNNXupGux0P3tVB/EmStwvy1cfLA6uE
PRElilXw2tZ65InqRlbtDQ0b1FtQ5LsrbrnJOzdEAFBMS58Bnz6OqW2TTHCzldGQ
ZS0xAoGBANd3++TRkRiQOe+6zsYUoo5BclfA3Juft0SwrkhO/jWJgkvskTe8Wsz6
9Nfa6AvS9pYZt9zEcbi51nu5CcYhOqRXSEqfH71Lh8x19iSxfYFVnW9O6OyWEuw9
89wZlqyWEkU9LSRTxw8TPhvnjnIql+VGEXGGkNVIUt7OGVaIFXexAoGBAMYMwetb
SeAYIDvRqXuE2SU2/4QhyTWR51gCtP5TJCmYv7vCNFz/O8gfDnGphI0NYHmHw/i4
0qtbI3FqteFrsnk2wV3Wn7fYD5q9prRvuVcPluFA4XVtTFQWuET47zmF9/wpfsX3
cfV2QwtAspIA/YWM/eNvqisOBmsLPE35dSEXAoGAWgIsPrTwqNMu8J8X25UpJsXe
LxxIy9XXaCFqXJhrBxBPVsoXC7JqN/CpsTYn8zCIg8Fwlg+V9fXjzEFK/PJKnfY8
I7f/OUNBEj9AuKlQZWPPZX0QPiye8QMcSJiD4cq7DSN2JRO+NuTx8BQ15Ck41LUF
emgdPot82sg7u3MTjLECgYBBGVRsrnccCBIgV4xkI4jU6L0Yi5p911W54jnoFyAd
5C2x4+YeY28dGsg+qD//tVPu3qeWC/qDhNOjpjXewO3LVio9VBzv6z9F1+0CBm9f
pKotpIv3c1PRmB493a2UtOqMon8fR3TYAGWNP1jzEQxEZ9HUfpHq0RNfADR0VPkh
RQKBgQCG6vj0qlfURdphe4f/OD1CtvlMPMAJlnfWFTMH5Q/TJ/X2cm/ASVRbGUZ5
ZLMEh4tsG6BLxsuCycnmfo/3T8n6dggUs/YYtkVn1Plt+Sro+waonSk59jvC9c9T
DfMfKaeLutlvaKiahsmiuhJJQxuKhm0N7cL3jJDj6SVsrL83BQ==
-----END RSA PRIVATE KEY-----
"""


class TestSigning(unittest.TestCase):
    def setUp(self):
        self.publisher = notices.Publisher(
            NOTICES_URL, token=None, signing_key=SIGNING_KEY
        )
        private = serialization.load_pem_private_key(SIGNING_KEY.encode(), None)
        self.public = private.public_key()

    def test_signature_can_be_verified(self):
        signed = self.publisher.sign("Buoy 7 is unlit")

        claims = jwt.decode(signed, self.public, algorithms=["RS256"])
        self.assertEqual("Buoy 7 is unlit", claims["text"])

    def test_tampered_notice_is_refused(self):
        head, _, seal = self.publisher.sign("Buoy 7 is unlit").split(".")
        other = self.publisher.sign("Buoy 7 is lit").split(".")[1]

        with self.assertRaises(jwt.InvalidSignatureError):
            jwt.decode(f"{head}.{other}.{seal}", self.public, algorithms=["RS256"])


@mock.patch("harbour.notices.requests.post", autospec=True)
class TestPublishing(unittest.TestCase):
    def setUp(self):
        clock = mock.patch("harbour.notices.time.time", return_value=1700000000.0)
        self.clock = clock.start()
        self.addCleanup(self.clock.stop)
        self.publisher = notices.Publisher(NOTICES_URL, token=NOTICES_TOKEN)

    def test_number_is_returned(self, post):
        post.return_value.json.return_value = {"number": 41}

        self.assertEqual(41, self.publisher.publish("Buoy 7", "unlit"))

    def test_notice_is_posted_once(self, post):
        self.publisher.publish("Buoy 7", "unlit")

        post.assert_called_once

    def test_notice_carries_the_time(self, post):
        self.publisher.publish("Buoy 7", "unlit")

        post.assert_called_once_with(
            NOTICES_URL,
            json={"title": "Buoy 7", "body": "unlit", "at": 1700000000},
            headers=mock.ANY,
            timeout=5,
        )

    def test_repository_is_unreachable(self, post):
        post.side_effect = requests.ConnectionError("no route to host")

        with self.assertRaises(Exception):
            self.publisher.publish("Buoy 7", "unlit")

    def test_repository_refuses(self, post):
        refusal = requests.HTTPError("422 Unprocessable")
        post.return_value.raise_for_status.side_effect = refusal

        with self.assertRaisesRegex(notices.NoticeError, "Buoy 7") as caught:
            self.publisher.publish("Buoy 7", "unlit")
        self.assertIs(refusal, caught.exception.__cause__)


class TestTideTable(unittest.TestCase):
    """Notices about depth quote the tide table; it must name our berths."""

    def test_every_berth_is_listed(self):
        context = ssl._create_unverified_context()
        with urllib.request.urlopen(TIDE_TABLE, timeout=10, context=context) as reply:
            table = json.load(reply)

        self.assertEqual({"north-1", "north-2", "quay-4"}, set(table))
