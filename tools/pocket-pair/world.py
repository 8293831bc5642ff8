"""The pocket world, which is written in TypeScript, from Python: documents, problems and labels by way of Node."""
import json, os, subprocess, threading

NODE = os.environ.get("NODE", "node")
WORLD = os.environ.get("WORLD", "world.mjs")


def lines(*arguments):
    command = [NODE, WORLD, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            yield json.loads(line)
    if process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")


def documents(style, start, count, mistakes, retractions, foreign=0, domains=None, skipped=None):
    """
    {"prompt", "text"} each, and "choices" where another author's words are. One that cannot be made is left out, and said
    to `skipped` where there is one.
    """
    for document in lines("documents", style, start, count, mistakes, retractions, foreign, *([",".join(domains)] if domains else [])):
        if "skipped" not in document:
            yield document
        elif skipped is None:
            raise RuntimeError(f"document {document['skipped']}: {document['error']}")
        else:
            skipped.append(f"{document['skipped']}: {document['error']}")


def names():
    return next(lines("names"))


def problems(split, start, count, noisy=False):
    """`count` problems of each domain; noisy ones have made-up names and things, slips of the keyboard and idle clauses."""
    return list(lines("problems", split, start, count, *(["noisy"] if noisy else [])))


class Labels:
    """The recogniser in a few Node processes. A problem always goes to the same one, which remembers it."""

    def __init__(self, pieces, end_id, processes=8):
        self.pieces, self.end_id = pieces, end_id
        self.workers = [
            subprocess.Popen([NODE, WORLD, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(processes)
        ]

    def of(self, requests):
        """requests: (problem, token ids). One string each, a letter a token: o (ok), w (wrong), d (dead)."""
        share = [[] for _ in self.workers]
        for at, (problem, _) in enumerate(requests):
            share[hash(problem["id"]) % len(share)].append(at)
        answers = [""] * len(requests)

        def ask(worker, mine):
            def write():
                for at in mine:
                    problem, tokens = requests[at]
                    body = {key: problem[key] for key in ("domain", "split", "index", "noisy") if key in problem}
                    body["pieces"] = [None if token == self.end_id else self.pieces[token] for token in tokens]
                    worker.stdin.write(json.dumps(body) + "\n")
                worker.stdin.flush()

            writer = threading.Thread(target=write)
            writer.start()
            for at in mine:
                answers[at] = worker.stdout.readline().strip()
                assert len(answers[at]) == len(requests[at][1]), "the labelling process ended early"
            writer.join()

        threads = [threading.Thread(target=ask, args=pair) for pair in zip(self.workers, share)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    def close(self):
        for worker in self.workers:
            worker.stdin.close()
            worker.wait()
