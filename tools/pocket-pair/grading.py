"""Whether texts end in the answers of their problems, by domain."""
import re


def by_domain(problems, values):
    found = {}
    for problem, value in zip(problems, values):
        found.setdefault(problem["domain"], []).append(float(value))
    return {domain: sum(v) / len(v) for domain, v in found.items()}


def shown(problems, values, digits=3):
    return " ".join(f"{domain} {value:.{digits}f}" for domain, value in by_domain(problems, values).items())


def plain(answer):
    """An answer as it is compared: upper and lower case, and the spaces around commas, make no difference."""
    return re.sub(r"\s*([,;])\s*", r"\1 ", answer.lower()).strip()


def graded(tokenizer, problems, solutions):
    """Whether a text ends in its problem's answer."""

    def answer(ids):
        said = tokenizer.decode(ids, skip_special_tokens=True).rsplit("####", 1)
        return plain(said[1]) if len(said) == 2 else ""

    return [answer(ids) == plain(problem["answer"]) for problem, ids in zip(problems, solutions)]
