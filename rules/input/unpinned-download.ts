import { argument, constantText } from '../model.ts';
import { defineRule, py } from '../rule.ts';

const HUB =
  /^(?:transformers\.\w+\.from_pretrained|diffusers\.\w+\.from_pretrained|sentence_transformers\.SentenceTransformer|huggingface_hub\.(?:hf_hub_download|snapshot_download)|datasets\.load_dataset|torch\.hub\.load)$/;

/** One file that is looked at or listened to: no code, no weights. */
const MEDIA = /\.(?:flac|wav|mp3|ogg|mp4|png|jpe?g|gif|webp|txt|csv)$/i;

export const rule = defineRule({
  id: 'unpinned-download',
  code: 'INP016',
  category: 'input',
  title: 'Model or data set downloaded without a pinned revision',
  kind: 'review',
  kinds: ['review', 'informational'],
  confidence: 'medium',
  cwe: [494],
  peers: { bandit: ['B615'] },
  why: 'Whoever may push to the repository of the model decides what runs in the test.',
  instead: 'Pin the commit: `revision="<40 hexadecimal digits>"`.',
  limits:
    'Settings, tokenizers and processors carry no weights and are notes, as are a picture, a sound, a text and what a script beside the tests loads. Only the loaders of the Hugging Face libraries and `torch.hub`. A local folder given in a variable is not judged, nor are the tests of such a library itself.',
  links: ['https://huggingface.co/docs/huggingface_hub/guides/download'],
  once: 'file',
  alike: true,
  on: 'call',
  calls: (callee) => HUB.test(callee),
  *check(call, file) {
    const { callee } = call;
    if (callee === undefined || !HUB.test(callee) || file.stubbed(callee, call) !== undefined) return;
    const name = argument(call, 'repo_id', 0);
    const text = constantText(name?.value);
    if (text === undefined || /^[./~]/.test(text)) return;
    // The name of a loader: `load_dataset("parquet", data_files=path)`.
    if (argument(call, 'data_files') !== undefined && !text.includes('/')) return;
    const revision = argument(call, 'revision');
    const pinned = constantText(revision?.value);
    if (revision !== undefined && (pinned === undefined || /^[0-9a-f]{40}$/.test(pinned))) return;
    // The tests of the library itself are about the download; what their fixtures fetch is data all the same.
    // A package that makes its names as it is asked for them is there all the same.
    const isOwn = file.definition(callee) !== undefined || file.membersOf(callee.slice(0, callee.indexOf('.'))).includes('__getattr__');
    if (isOwn && file.ownerOf(call)?.role !== 'fixture') return;
    const media = MEDIA.test(constantText(argument(call, 'filename', 1)?.value) ?? '');
    const isNote = media || file.guarded(call) || file.aside || /(?:Config|Tokenizer|TokenizerFast|Extractor|Processor)\.from_pretrained$/.test(callee);
    yield { at: call.place, ...(isNote ? { kind: 'informational' } : {}), message: `\`${text}\` is downloaded at whatever revision it has today` };
  },
  examples: [
    {
      name: 'the newest revision',
      bad: py`
        from transformers import AutoConfig, AutoModel

        def test_model():
            AutoConfig.from_pretrained("harbour/tides")  #! is downloaded at whatever revision
            AutoModel.from_pretrained("harbour/tides")  #! is downloaded at whatever revision
      `,
    },
    {
      name: 'the downloader itself is what is tested',
      good: {
        'tests/test_download.py': py`
          from huggingface_hub import hf_hub_download

          def test_download(tmp_path):
              assert hf_hub_download("harbour/tides", "config.json", cache_dir=tmp_path)
        `,
        'src/huggingface_hub/__init__.py': py`
          def hf_hub_download(repo_id, filename, revision=None, cache_dir=None):
              return fetch(repo_id, filename, revision, cache_dir)
        `,
      },
    },
    {
      name: 'a folder of that name is not the library',
      bad: {
        'tests/test_tides.py': py`
          from datasets import load_dataset

          def test_tides():
              assert load_dataset("harbour/tides")  #! is downloaded at whatever revision
        `,
        'datasets/__init__.py': 'TIDES = 1\n',
      },
    },
    {
      name: 'pinned, local',
      good: py`
        import datasets
        from transformers import AutoModel

        def test_model(folder):
            AutoModel.from_pretrained("harbour/tides", revision="8f3b2c1d4e5f60718293a4b5c6d7e8f901234567")
            AutoModel.from_pretrained("./models/tides")
            AutoModel.from_pretrained(folder)

        def test_data(folder):
            datasets.load_dataset("parquet", data_files=f"{folder}/*.parquet")
      `,
    },
    {
      name: 'a picture is a note',
      bad: py`
        from huggingface_hub import hf_hub_download

        def test_see():
            hf_hub_download("harbour/quays", "quay.png")  #! is downloaded at whatever revision
      `,
    },
    {
      name: 'the downloader itself gives its names when they are asked for',
      good: {
        'tests/test_download.py': py`
          from huggingface_hub import hf_hub_download

          def test_download(tmp_path):
              assert hf_hub_download("harbour/tides", "weights.bin", cache_dir=tmp_path)
        `,
        'src/huggingface_hub/__init__.py': py`
          __version__ = "1.0"
          _NAMES = {"file_download": ["hf_hub_download"]}

          def __getattr__(name):
              return find(name)
        `,
      },
    },
  ],
});
