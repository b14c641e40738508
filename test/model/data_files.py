# file: tests/unit/test_data.py
import os
from os.path import dirname, join
from pathlib import Path

from tests.places import DATA, data_folder

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = Path(__file__).resolve().parents[2]
NAME = 'reply.json'


class Places:
    folder = join(HERE, 'data')

    def setUp(self):
        self.reply = os.path.join(self.folder, NAME)

    def read(self, settings):
        self.reply  #? self.reply


def test_paths(settings, name):
    os.path.join(HERE, 'data', 'reply.json')  #? os.path.join(HERE, 'data', 'reply.json')
    join(dirname(__file__), '..', 'shared.json')  #? join(dirname(__file__), '..', 'shared.json')
    Path(__file__).parent / 'data' / NAME  #? Path(__file__).parent / 'data' / NAME
    ROOT.joinpath('settings.ini')  #? ROOT.joinpath('settings.ini')
    f'{HERE}/data/{NAME}'  #? f'{HERE}/data/{NAME}'
    HERE + '/data/' + NAME  #? HERE + '/data/' + NAME
    DATA / 'reply.json'  #? DATA / 'reply.json'
    os.path.join(data_folder(), 'reply.json')  #? os.path.join(data_folder(), 'reply.json')
    os.path.join(settings.folder, 'unit', 'data', 'reply.json')  #? os.path.join(settings.folder, 'unit', 'data', 'reply.json')
    'tests/shared.json'  #? 'tests/shared.json'
    'shared.json'  #? 'shared.json'
    # Not there, of the machine, outside, half of a name, another folder of that name.
    'tests/other.json'  #? 'tests/other.json'
    '/tests/shared.json'  #? '/tests/shared.json'
    join(dirname(__file__), '..', '..', '..', 'settings.ini')  #? join(dirname(__file__), '..', '..', '..', 'settings.ini')
    name + 'shared.json'  #? name + 'shared.json'
    os.path.join(settings.folder, 'settings.ini')  #? os.path.join(settings.folder, 'settings.ini')
# file: tests/places.py
import os
from pathlib import Path

DATA = Path(__file__).parent / 'unit' / 'data'


def data_folder():
    return os.path.join(os.path.dirname(__file__), 'unit', 'data')
# file: tests/unit/data/reply.json
{}
# file: tests/shared.json
{}
# file: settings.ini
[a]
