"""Beyond one machine: the same batches on an existing Dask cluster, files by fsspec URLs."""

import zlib
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path, PurePosixPath
from typing import Any

from nianbao.consolidate.entry import Entry, Item, examine_bytes, unreadable
from nianbao.consolidate.kinds import LARGEST, wanted
from nianbao.consolidate.pool import Function, each
from nianbao.core.errors import Unreadable

INSTALL = "请安装集群组件：pip install nianbao[cluster]"
#: How long the scheduler is waited for.
PATIENCE = "20s"


class Cluster:
    """The workers of an existing Dask cluster behind the seam; lost workers are Dask's to replace and retry."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            raise Unreadable(address, "没有安装 Dask", INSTALL) from None
        try:
            self._client = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError):
            raise Unreadable(address, "连不上 Dask 调度器", "请核对地址和网络，确认调度器正在运行") from None
        self._executor = self._client.get_executor(pure=False, retries=2)
        self.count = max(sum(self._client.nthreads().values()), 1)

    def submit(self, function: Function, batch: Sequence[Item]) -> "Future[list[Entry]]":
        future: Future[list[Entry]] = self._executor.submit(each, function, list(batch))
        return future

    def close(self) -> None:
        """Cancel what is under way and leave; the cluster goes on."""
        self._executor.shutdown(wait=False)
        self._client.close()


def find(url: str) -> list[Item]:
    """The files to read under a URL, by name; Unreadable when it cannot be listed."""
    files, root = _listed(url)
    items = []
    for path, info in files:
        name = PurePosixPath(path).relative_to(root).as_posix()
        if wanted(name):
            items.append(
                Item(name, f"{url.split('://')[0]}://{path}", int(info.get("size") or 0), _changed(info))
            )
    return sorted(items)


def _listed(url: str) -> tuple[list[tuple[str, dict[str, Any]]], str]:
    filesystem, root = _filesystem(url)
    try:
        found = filesystem.find(root, detail=True)
    except (OSError, ValueError):
        raise Unreadable(url, "打不开这个位置", "请核对地址和访问权限") from None
    return list(found.items()), root


def _filesystem(url: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError:
        raise Unreadable(url, "没有安装 fsspec", INSTALL) from None
    try:
        filesystem, root = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError):
        raise Unreadable(url, "不支持这种地址，或没有安装对应的组件（如 s3fs）", INSTALL) from None
    return filesystem, root.rstrip("/")


def _changed(info: dict[str, Any]) -> int:
    """A number that changes when the file does, from whatever the file system tells of it."""
    told = next(
        (info[key] for key in ("ETag", "etag", "mtime", "LastModified", "created") if key in info), ""
    )
    return zlib.crc32(str(told).encode())


def examine_url(item: Item) -> Entry:
    """As ``entry.examine``, of a file named by its URL."""
    import fsspec

    try:
        if item.size > LARGEST:
            raise Unreadable(item.name, "文件过大，为安全起见未读取", "请核对是否选错文件")
        with fsspec.open(item.path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError:
        return unreadable(item, Unreadable(item.name, "读取失败", "请检查网络连接和访问权限后重试"))
    except Unreadable as problem:
        return unreadable(item, problem)
    return examine_bytes(item, data)


def deliver(folder: Path, url: str) -> None:
    """Copy what was written into a folder here to the place that a URL names."""
    filesystem, root = _filesystem(url)
    try:
        filesystem.makedirs(root, exist_ok=True)
        for path in sorted(folder.iterdir()):
            filesystem.put(str(path), f"{root}/{path.name}")
    except OSError:
        raise Unreadable(url, "写不进这个位置", "请核对地址和访问权限") from None
