# file: tests/test_django.py
from django.urls import reverse


def test_page(client):
    client.get(reverse('home'))  #? client.get


# file: tests/test_marked.py
import pytest


@pytest.mark.django_db
def test_page(client):
    client.get('/')  #? client.get


# file: tests/flask/conftest.py
import pytest
from flask import Flask


@pytest.fixture
def app():
    return Flask(__name__)


# file: tests/flask/test_flask.py
def test_page(client):
    client.get('/')  #? client.get


# file: tests/test_nobodys.py
def test_page(client):
    client.get('/')  #? client.get
