"""Who wrote the first wrong token of the answers that an arm got wrong, in what `judge eval` left."""
import glob, json

import text, world
from progress import log

# A letter of a row's `marks`, and who let the token in.
WRITERS = {"s": "standard verification", "a": "the judge", "r": "the target", "b": "the target"}


def rows_in(folder):
    for path in sorted(glob.glob(f"{folder}/runs*.jsonl")):
        with open(path) as file:
            yield from map(json.loads, file)


def lost(tokenizer, folder):
    """By arm: how many answers are wrong (those that plain decoding, where it was run, has right), and who went wrong in them."""
    rows = list(rows_in(folder))
    plain = {row["problem"]: row["correct"] for row in rows if row["arm"] == "plain"}
    labels = world.Labels(text.pieces(tokenizer), text.END, 1)
    for arm in sorted({row["arm"] for row in rows} - {"plain"}):
        own = [row for row in rows if row["arm"] == arm]
        wrong = [row for row in own if not row["correct"] and plain.get(row["problem"], True)]
        found = {}
        for row in wrong:
            domain, split, index = row["problem"].split("/")
            letters = labels.of([({"id": row["problem"], "domain": domain, "split": split, "index": int(index)}, row["tokens"])])[0]
            place = letters.find("w")
            writer = WRITERS.get(row["marks"][place], "?") if place >= 0 else "nobody"
            found[writer] = found.get(writer, 0) + 1
            before, after = (tokenizer.decode(ids, skip_special_tokens=True) for ids in (row["tokens"][max(0, place - 12) : place], row["tokens"][place : place + 3]))
            log(f"{arm} {row['problem']}: {writer}: {before!r} >> {after!r}")
        log(f"{arm}: {len(wrong)} wrong of {len(own)}{' that plain decoding has right' if plain else ''}; the first wrong token by", json.dumps(found))
    labels.close()
