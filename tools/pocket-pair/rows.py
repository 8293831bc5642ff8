"""Training rows: written part by part, read while the later parts are still being written."""
import os, time
import numpy as np

import text
from progress import log


def prepare(config, folder, *names):
    """Tokenizer and rows; the rows of `names` alone, where some are named."""
    path, failed = f"{folder}/tokenizer.json", f"{folder}/failed"
    if os.path.exists(failed):
        os.remove(failed)
    try:
        prepare_rows(config, folder, path, names)
    except BaseException:
        # Who waits for these rows waits in vain.
        open(failed, "w").close()
        raise


def prepare_rows(config, folder, path, names):
    if not os.path.exists(path):
        log("tokenizer", text.train_tokenizer(path, config["vocabulary"], config["tokenizer_documents"]).get_vocab_size())
    for name in names or [name for name in config["rows"] if name != "control"]:
        # A name may take a few of its parts only: `target:0-3`, and `target:4-` later.
        name, _, some = name.partition(":")
        plan = config["rows"][name]
        low, _, high = some.partition("-")
        parts = parts_of(plan)
        wanted = range(int(low or 0), min(int(high or parts), parts - 1) + 1)
        missing = [part for part in wanted if not all(os.path.exists(f"{folder}/{name}.{length}.{part}.tokens.npy") for length in plan["lengths"])]
        if not missing:
            continue
        begin, size = missing[0], plan.get("part", plan["documents"])
        first = plan.get("from", 0) + begin * size
        count = min(plan.get("from", 0) + plan["documents"], plan.get("from", 0) + (wanted[-1] + 1) * size) - first
        made = text.training_rows(path, plan | {"from": first, "documents": count, "part": size}, plan.get("processes") or config["processes"] or max(2, os.cpu_count() - 2), log)
        for part, rows in enumerate(made, begin):
            for length, (tokens, learned) in rows.items():
                log(f"rows {name}.{length} part {part} of {parts}", tokens.shape, f"filled {(tokens != text.PAD).mean():.3f}, learned {learned.mean():.3f}")
                np.save(f"{folder}/{name}.{length}.{part}.learned.npy", learned)
                # Last, and at once: who waits for it finds all.
                np.save(f"{folder}/{name}.{length}.{part}.tokens.part.npy", tokens)
                os.rename(f"{folder}/{name}.{length}.{part}.tokens.part.npy", f"{folder}/{name}.{length}.{part}.tokens.npy")


def parts_of(plan):
    return -(-plan["documents"] // plan.get("part", plan["documents"]))


def rows_in(folder, name, parts):
    """
    The rows of one kind and length, part by part, each as soon as it is there: they may be written while a model is
    trained on the ones before. `None` where the next one is not there yet; the first one is waited for.
    """
    for part in range(parts):
        path, waited = f"{folder}/{name}.{part}.tokens.npy", 0
        while not os.path.exists(path):
            if os.path.exists(f"{folder}/failed"):
                if part > 0:
                    log(f"whoever writes {path} has failed: it goes on with the {part} parts before")
                    return
                raise SystemExit(f"expected {path} to be written, but whoever writes it has failed")
            if part > 0:
                yield None
                continue
            time.sleep(0.5)
            waited += 0.5
            if waited > 600:
                raise SystemExit(f"expected {path} to be written, waited ten minutes")
        if waited:
            log(f"waited {waited:.0f} s for {name}")
        yield tuple(np.load(f"{folder}/{name}.{part}.{array}.npy") for array in ("tokens", "learned"))
