import { missingBases } from '../python/unittest.ts';
import { defineRule, py } from '../rule.ts';

const GALAXY = '---\nnamespace: harbour\nname: "quays"\nversion: 1.0.0\n';
const MODULE_TEST_CASE = py`
  from unittest import TestCase

  class ModuleTestCase(TestCase):
      def setUp(self):
          self.changed = False
`;

export const rule = defineRule({
  id: 'base-class-not-found',
  code: 'RES-U01',
  category: 'resources',
  title: 'Base class not found',
  kind: 'open',
  confidence: 'high',
  cwe: [],
  why: 'Its set-up and tear-down may release what this class acquires, or acquire what nobody releases.',
  instead: 'Open the folder that holds the base class, or give `--root`.',
  limits:
    'Libraries are known by their documentation only; a base in a library that is not listed stays open. Mixins that are named after what they assert (`AssertsCompiledSQL`) hold nothing. Speaks of classes that have tests, or derive from some, by the name of a missing base if nothing else tells. Modules of an Ansible collection are found by its `galaxy.yml`. Said once in a file.',
  links: [],
  once: 'file',
  on: 'class',
  *check(subject, file) {
    if (!subject.isTest || subject.unresolved.length === 0) return;
    // What only derives from something called a test may be a view.
    if (!subject.hasTests && !/test/i.test(subject.name)) return;
    const missing = missingBases(subject, file).filter((it) => !ASSERTIONS.test(it));
    const [first, ...others] = missing;
    // A class may be called a test after what it is for, as its bases are not: `class ModelForTest(nn.Module)`.
    if (first === undefined || !(subject.hasTests || subject.inheritsTests || missing.some((it) => /test/i.test(it)))) return;
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    yield { at: subject.namePlace, message: `base class \`${first}\`${more} was not found: what it sets up and releases is not known` };
  },
  examples: [
    {
      name: 'from elsewhere',
      bad: py`
        from elsewhere import base

        class TestSpool(base.SpoolTestCase):  #! base class \`elsewhere.base.SpoolTestCase\` was not found
            def test_save(self):
                self.assertTrue(True)
      `.replaceAll('\\`', '`'),
    },
    {
      name: 'found, or known',
      good: {
        'tests/unit/test_spool.py': py`
          import abc
          import fixtures
          import six
          from django.contrib.auth.mixins import UserPassesTestMixin
          from django.contrib.messages.test import MessagesTestMixin
          from oslo_db.sqlalchemy import test_fixtures
          from sqlalchemy.testing import AssertsCompiledSQL
          from testtools import testcase
          try:
              from django.utils.unittest import TestCase
          except ImportError:
              from django.test import TestCase
          import unittest
          from elsewhere import manager
          from tests import base

          class TestSpool(base.SpoolTestCase):
              def test_save(self):
                  self.assertTrue(True)

          class TestPlain(testcase.WithAttributes, unittest.TestCase, fixtures.FunctionFixture):
              def test_save(self):
                  self.assertTrue(True)

          class TestMessages(MessagesTestMixin, unittest.TestCase):
              def test_save(self):
                  self.assertTrue(True)

          class TestMigrations(test_fixtures.OpportunisticDBTestMixin, base.SpoolTestCase):
              def test_save(self):
                  self.assertTrue(True)

          class TestCompiled(base.SpoolTestCase, AssertsCompiledSQL):
              def test_save(self):
                  self.assertTrue(True)

          class TestNested(base.Common.Quick):
              def test_save(self):
                  self.assertTrue(True)

          class TestMade(six.with_metaclass(abc.ABCMeta, base.SpoolTestCase)):
              def test_save(self):
                  self.assertTrue(True)

          class OwnerView(UserPassesTestMixin):
              owner = "captain"

          class SpoolManager(manager.Manager):
              def test_method(self):
                  return True

          class TestOld(TestCase):
              def test_save(self):
                  self.assertTrue(True)

          class TestListed(base.ListedTestCase):
              def test_save(self):
                  self.assertTrue(True)
        `,
        'tests/base.py': py`
          import sys
          import unittest

          class SpoolTestCase(unittest.TestCase):
              pass

          if sys.version_info < (3, 14):
              bases = (SpoolTestCase, Common)
          else:
              bases = (SpoolTestCase,)

          class ListedTestCase(*bases):
              pass

          class Common:
              class Slow(unittest.TestCase):
                  def setUp(self):
                      super().setUp()

              class Quick(Slow):
                  pass
        `,
      },
    },
    {
      name: 'in a project beside this one, and beside a module that is no `__init__`',
      good: {
        'harbour-tides/src/harbour_tides/tests/tides_test.py': py`
          from harbour.tests import util

          class TidesTest(util.HarbourTestCase):
              def test_save(self):
                  self.assertTrue(True)
        `,
        'harbour-tides/tests/test___init__.py': py`
          from . import base

          class TestTides(base.TidesTestCase):
              def test_save(self):
                  self.assertTrue(True)
        `,
        'harbour-tides/tests/base.py': 'from unittest import TestCase\n\nclass TidesTestCase(TestCase):\n    pass\n',
        'harbour-tides/pyproject.toml': '[tool.setuptools]\npackage-dir = {"" = "src"}\n',
        'harbour/pyproject.toml': '[tool.setuptools]\npackage-dir = {"" = "src"}\n',
        'harbour/src/harbour/tests/util.py': 'from unittest import TestCase\n\nclass HarbourTestCase(TestCase):\n    pass\n',
      },
    },
    {
      name: 'a mixin of a library, beside tests that are inherited',
      bad: py`
        import unittest
        from elsewhere import DatabaseMixin

        class SpoolTest(unittest.TestCase):
            def test_save(self):
                self.assertTrue(True)

        class TestSpoolInDatabase(DatabaseMixin, SpoolTest):  #! ${'base class `elsewhere.DatabaseMixin` was not found'}
            pass
      `,
    },
    {
      name: 'no class of tests: what they try things on',
      good: py`
        import unittest
        from torch import nn

        class ModelForTest(nn.Module):
            def forward(self, x):
                return x

        class BigModelForTest(ModelForTest):
            def forward(self, x):
                return super().forward(x)
      `,
    },
    {
      name: 'of another collection of Ansible',
      bad: {
        'tests/unit/modules/test_banner.py': py`
          from ansible_collections.ansible.netcommon.tests.unit.modules.utils import ModuleTestCase

          class TestBanner(ModuleTestCase):  #! was not found
              def test_banner(self):
                  self.assertTrue(True)
        `,
        'galaxy.yml': GALAXY,
        'tests/unit/modules/utils.py': MODULE_TEST_CASE,
      },
    },
    {
      name: 'of the same collection, by what its `galaxy.yml` names it',
      good: {
        'tests/unit/modules/test_banner.py': py`
          from ansible_collections.harbour.quays.tests.unit.compat import unittest
          from ansible_collections.harbour.quays.tests.unit.modules.utils import ModuleTestCase

          class TestBanner(ModuleTestCase):
              def test_banner(self):
                  self.assertTrue(True)

          class TestPlain(unittest.TestCase):
              def test_banner(self):
                  self.assertTrue(True)
        `,
        'galaxy.yml': GALAXY,
        'tests/unit/modules/utils.py': MODULE_TEST_CASE,
        'tests/unit/compat/unittest.py': 'from unittest import *\n',
      },
    },
    {
      name: 'beside the file, where a project of the workspace has a package of the same name',
      good: {
        'tests/test_tides.py': 'from .common import TidesTest\n\nclass TestTides(TidesTest):\n    def test_save(self):\n        self.assertTrue(True)\n',
        'tests/common.py': 'import unittest\n\nclass TidesTest(unittest.TestCase):\n    pass\n',
        'pyproject.toml': '[tool.uv.workspace]\nmembers = ["tools/mail"]\n',
        'tools/mail/pyproject.toml': '[project]\nname = "mail"\n',
        'tools/mail/tests/common.py': 'MAIL = {}\n',
      },
    },
    {
      name: 'a name in a class, of a class that has another name too',
      good: {
        'tests/vm/test_install.py': py`
          from tests.vm.releases import releases as rel
          from tests.vm.base import MachineTest

          class TestInstall(MachineTest):
              def test_mounts(self):
                  self.assertTrue(True)

          class OldTestInstall(rel.old, TestInstall):
              __test__ = True
        `,
        'tests/vm/releases.py': py`
          class OldBase:
              release = "old"

          class Releases:
              old = OldBase

          releases = Releases
        `,
        'tests/vm/base.py': py`
          import unittest

          class MachineTest(unittest.TestCase):
              pass
        `,
      },
    },
    {
      name: 'in the package that the test is in, and where `setup.py` says that packages are',
      good: {
        'checks/python/spools_t/test_spool.py': py`
          from spools_t.parts.base import SpoolTestCase
          from harbour.testing import HarbourTestCase

          class TestSpool(SpoolTestCase):
              def test_save(self):
                  self.assertTrue(True)

          class TestHarbour(HarbourTestCase):
              def test_save(self):
                  self.assertTrue(True)
        `,
        'checks/python/spools_t/parts/base.py': py`
          import unittest

          class SpoolTestCase(unittest.TestCase):
              pass
        `,
        'setup.py': 'from setuptools import setup\n\nsetup(name="harbour", package_dir={"": "source/python"})\n',
        'source/python/harbour/testing.py': py`
          import unittest

          class HarbourTestCase(unittest.TestCase):
              pass
        `,
      },
    },
  ],
});

/** A mixin of assertions, by its name. */
const ASSERTIONS = /(?:^|\.)Asserts?[A-Z]\w*$/;
