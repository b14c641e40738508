/** Calls whose result is made of what they are given. Source: docs.python.org 3.13, library reference. */

/** Methods of text, bytes, files, paths and responses: what the object holds, in another shape. */
export const PASSING_METHODS: ReadonlySet<string> = new Set([
  'read', 'readline', 'readlines', 'decode', 'encode', 'strip', 'lstrip', 'rstrip', 'split', 'splitlines', 'rsplit', 'format', 'join', 'replace', 'lower', 'upper',
  'json', 'title', 'format_map', 'removeprefix', 'removesuffix', 'expanduser', 'resolve', 'absolute', 'joinpath', 'with_name', 'with_suffix', 'getvalue', 'as_posix', 'copy',
  'getvalue', 'tobytes', 'partition', 'zfill',
]);

export const PASSING_FUNCTIONS: ReadonlySet<string> = new Set([
  'builtins.str', 'builtins.bytes', 'builtins.list', 'builtins.tuple', 'builtins.sorted', 'builtins.repr', 'builtins.dict', 'builtins.format', 'builtins.memoryview',
  'os.path.join', 'os.path.expanduser', 'os.path.abspath', 'os.path.realpath', 'os.path.normpath', 'os.path.dirname', 'os.path.basename', 'os.fspath', 'os.fsencode', 'os.fsdecode', 'pathlib.Path', 'pathlib.PurePath',
  'io.BytesIO', 'io.StringIO', 'io.TextIOWrapper', 'textwrap.dedent', 'json.loads', 'json.load', 'json.dumps', 'base64.b64decode', 'base64.b64encode', 'copy.copy', 'copy.deepcopy',
  'gzip.decompress', 'gzip.open', 'zlib.decompress', 'bz2.decompress', 'tarfile.open', 'zipfile.ZipFile', 'urllib.parse.unquote',
]);
