import { isData, isPublic, isRewritten, mayBeMade, readFile, readsFile, readsPublicKey, writtenBefore } from '../python/data-files.ts';
import { defineRule, py } from '../rule.ts';

export const rule = defineRule({
  id: 'data-file-not-read',
  code: 'SEC-U02',
  category: 'credentials',
  title: 'Data file could not be reviewed for secrets',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Recorded replies and exported settings are where real tokens and personal data come into a repository unseen.',
  instead: 'Run a secret scanner over data files as well, and keep recordings filtered.',
  limits:
    'Only paths that are in the source: one that is decided when the test runs, or that a `.gitignore` leaves out, is none of the repository by what can be read, and one that a call before is given may be written by it, as is one that the function writes or deletes too, one below the folder that a fixture copies a tree to, or that it, its fixtures or the condition of a skip ask for, one in a folder that a command before is given, and a name without a folder is of the folder that the test runs in, which may be one of the moment; what is loaded as a public key or a certificate, or named so, is no secret. What is found in files that are there is said by the rule on secrets in data files.',
  links: ['https://github.com/gitleaks/gitleaks', 'https://github.com/Yelp/detect-secrets'],
  once: 'file',
  atRest: true,
  on: 'call',
  calls: (callee) => readsFile(callee),
  *check(call, file) {
    const read = readFile(call, file);
    if (
      read === undefined ||
      !isData(read.path) ||
      isPublic(read.path) ||
      readsPublicKey(call, file) ||
      writtenBefore(read, call, file) ||
      isRewritten(read, call, file) ||
      file.stubbed(call.callee ?? '', call) !== undefined
    )
      return;
    const found = file.dataFile(read.at);
    if (found !== 'missing' && found !== 'too large') return;
    // A name without a folder is of the one that the test runs in.
    if (found === 'missing' && (!/[/\\*]/.test(read.path) || mayBeMade(read, call, file))) return;
    const name = read.path.split(/[/\\]/).at(-1) ?? '';
    const why = found === 'missing' ? 'is not in the workspace as a text' : 'is too large to be read here';
    yield { at: read.at.place, message: `\`${name.slice(0, 60)}\` ${why}: a secret in it is not seen` };
  },
  examples: [
    {
      name: 'a recorded reply that is not there',
      bad: py`
        import json
        from pathlib import Path

        def test_reply(parse):
            reply = json.loads(Path("tests/data/reply.json").read_text())  #! ${'`reply.json` is not in the workspace'}
            assert parse(reply)
      `,
    },
    {
      name: 'one that another than it is asked for, and one in a folder of a loop',
      bad: py`
        import pytest
        from pathlib import Path

        @pytest.mark.skipif(not Path("tests/data/quays.json").exists(), reason="no quays")
        def test_berths(parse):
            for name in ("north", "south"):
                folder = Path("tests/data")
                assert parse((folder / "berths.json").read_text())  #! ${'`berths.json` is not in the workspace'}
      `,
    },
    {
      name: 'one that no command before is told of',
      bad: py`
        import subprocess

        class TestStored:
            def setUp(self):
                self.folder = "tests/data"

            def test_stored(self, parse):
                subprocess.run(["list-tides", "--all"], check=True)
                with open("tests/data/replies.yml") as stored:  #! ${'`replies.yml` is not in the workspace'}
                    assert parse(stored)
      `,
    },
    {
      name: 'a file that the test writes, a temporary one, source code, what is given to everybody',
      good: py`
        import json
        import os
        import shutil
        import subprocess
        import unittest
        import pytest
        from pathlib import Path
        from cryptography import x509
        from cryptography.hazmat.primitives import serialization

        def test_reply(parse, tmp_path):
            with open("reply.json", "w") as stored:
                json.dump({}, stored)
            with open("reply.json") as stored:
                assert parse(stored)
            with open("package.xml") as stored:
                assert parse(stored)
            with parse.runner.isolated_filesystem():
                assert parse(open("project/config/config.yaml"))
            kept = "kept.json"
            with parse.record(file_path=kept):
                parse.run()
            with open(kept) as stored:
                assert parse(stored)
            with open(tmp_path / "reply.json") as stored:
                assert parse(stored)
            with open("tests/client.py") as stored:
                assert parse(stored)
            with open("tests/data/expired_crl.pem") as stored:
                assert parse(stored)
            with open("tests/data/public_cert.pem") as stored:
                assert parse(stored)

        TIDES = Path(__file__).parent / "tides.json"

        def test_written_tides(parse):
            with TIDES.open("w") as stored:
                json.dump({}, stored)
            assert parse()

        class TestStored(unittest.TestCase):
            def setUp(self):
                self.addCleanup(os.chdir, os.getcwd())
                os.chdir("of the moment")

            def test_stored(self):
                store.save({"name": "tides"})
                with open(os.path.join(".stores", "tides.yml")) as stored:
                    self.assertTrue(stored.read())

        def test_written(store, parse):
            store.run()
            path = Path(".") / "stores" / "manifest.json"
            assert path.exists()
            with open(path) as stored:
                assert parse(stored)

        def test_command(parse):
            subprocess.run(["draw-tides", "--write-to", "test/data"], check=True)
            with open("test/data/diagram.json") as stored:
                assert parse(stored)

        if __name__ == "__main__":
            kept = Path.cwd() / "stores/tides.json"
            with open(kept) as stored:
                tides = json.load(stored)
            with open(kept, "w") as stored:
                json.dump(tides, stored)

        def test_project(project, parse):
            with project("tides"):
                text = open("app/setup.sql").read()
                with open("app/setup.sql", "w") as stored:
                    stored.write(text.replace("DATABASE", "tides"))
                assert parse("app")

        @pytest.fixture
        def mirror(tmp_path, monkeypatch):
            monkeypatch.chdir(tmp_path)
            return Mirror()

        def test_mirror(mirror, parse):
            mirror.fetch()
            with open("web/simple/index.json") as stored:
                assert parse(stored)

        class TestTides:
            @pytest.fixture(autouse=True)
            def files(self, runner):
                with runner.isolated_filesystem():
                    yield

            def test_filed(self, runner, parse):
                runner.invoke("file")
                assert parse(Path("quays/filed.yml").read_text())

        @pytest.fixture
        def tides():
            path = Path(__file__).parent / "data" / "tides.yml"
            if not path.exists():
                pytest.skip("no tides")
            return path

        def test_tides(tides, parse):
            with open(tides) as stored:
                assert parse(stored)

        CORPUS = Path("tests/data/corpus")

        def is_made():
            return CORPUS.exists() and (CORPUS / "manifest.json").exists()

        needs_corpus = pytest.mark.skipif(not is_made(), reason="run make_corpus.py first")

        @needs_corpus
        def test_corpus(parse):
            assert parse((CORPUS / "manifest.json").read_text())
            assert parse((CORPUS / "summary.json").read_text())

        @pytest.fixture(scope="session")
        def folder():
            kept = Path("tests/kept_quays")
            shutil.copytree("tests/data/quays", kept, dirs_exist_ok=True)
            yield kept
            shutil.rmtree(kept)

        @pytest.fixture
        def settings(folder):
            return {"quays": f"{folder}/all"}

        @pytest.fixture
        def quays(settings):
            return settings["quays"]

        def test_quays(quays, parse):
            assert parse((Path(quays) / "north/berths.yml").read_text())

        def test_mended(mend):
            mend("quays", suffix="MENDED")
            mended = Path(__file__).parent / "data/quaysMENDED.yml"
            assert mended.read_text() == mend.expected
            os.unlink(mended)

        @pytest.fixture
        def root():
            current = Path(__file__).parent
            while current != current.parent:
                if (current / ".git").exists():
                    return current
                current = current.parent
            raise RuntimeError("no root")

        def test_settings(root, parse):
            assert parse((root / "quays.yml").read_text())
            assert parse((root / "deploy/quays.yml").read_text())

        def test_key(parse):
            with open("tests/data/reader.pem", "rb") as stored:
                content = stored.read()
            assert parse(serialization.load_pem_public_key(content))
            with open("tests/data/server.pem", "rb") as stored:
                assert parse(x509.load_pem_x509_certificate(stored.read()))
      `,
    },
    {
      name: 'a file that is there, one that Git leaves out, and one that only the running test knows',
      good: {
        'tests/unit/test_reply.py': py`
          import json
          import os

          class Station:
              def __init__(self):
                  self.folder = None

              def settings(self):
                  with open(os.path.join(self.folder, "meta", "station.yml")) as stored:
                      return stored.read()

          def test_reply(parse, settings):
              with open("tests/data/reply.json") as stored:
                  assert parse(json.load(stored))
              with open("tests/data/harbour.key") as stored:
                  assert parse(stored)
              with open(os.path.join(settings.state_folder, "state.json")) as stored:
                  assert parse(json.load(stored))
        `,
        'tests/data/reply.json': '{"tides": []}',
        '.gitignore': '# made by the tests\n/tests/data/*.key\n',
      },
    },
  ],
});
