"""Notices to mariners: signed, then published in the notices repository."""

import time

import jwt
import requests


class NoticeError(Exception):
    """A notice could not be published."""


class Publisher:
    """Signs notices and posts them."""

    def __init__(self, url, token, signing_key=None):
        self.url = url
        self.token = token
        self.signing_key = signing_key

    def sign(self, text):
        claims = {"text": text, "iat": int(time.time())}
        return jwt.encode(claims, self.signing_key, algorithm="RS256")

    def publish(self, title, text):
        headers = {"Authorization": f"Bearer {self.token}"}
        notice = {"title": title, "body": text, "at": int(time.time())}
        try:
            reply = requests.post(self.url, json=notice, headers=headers, timeout=5)
            reply.raise_for_status()
        except requests.RequestException as error:
            raise NoticeError(f"not published: {title}") from error
        return reply.json()["number"]
