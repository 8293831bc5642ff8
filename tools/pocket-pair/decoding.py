"""Plain and speculative decoding of many texts at once."""
import torch

import text
from llama import Session

FLOOR = 1e-4  # below this share of the target's probability nothing is admitted


class Texts:
    def __init__(self, prompts, device):
        self.device = device
        self.starts = torch.tensor([len(p) for p in prompts], device=device)
        self.lengths = self.starts.clone()
        self.tokens = torch.full((len(prompts), text.CONTEXT + 64), text.PAD, device=device)
        for at, prompt in enumerate(prompts):
            self.tokens[at, : len(prompt)] = torch.tensor(prompt, device=device)
        self.open = torch.ones(len(prompts), dtype=torch.bool, device=device)
        self.finished = [None] * len(prompts)
        self.which = torch.arange(len(prompts), device=device)  # of the prompts, those that are still here

    def window(self, starts, count):
        return self.tokens.gather(1, starts[:, None] + torch.arange(count, device=self.device))

    def write(self, starts, values):
        self.tokens.scatter_(1, starts[:, None] + torch.arange(values.shape[1], device=self.device), values)

    def drop_closed(self, *sessions):
        """Puts texts away that are done, once they are a third of what is read in every pass."""
        left = self.open.nonzero()[:, 0]
        if len(left) == 0 or len(left) > 0.67 * len(self.open):
            return
        self.put_away()
        for name in ("starts", "lengths", "tokens", "open", "which"):
            setattr(self, name, getattr(self, name)[left])
        for session in sessions:
            session.keep(left)

    def put_away(self):
        for at, solution in zip(self.which.tolist(), self.solutions()):
            self.finished[at] = solution

    def all(self):
        self.put_away()
        return self.finished

    def solutions(self):
        tokens, starts, lengths = self.tokens.tolist(), self.starts.tolist(), self.lengths.tolist()
        return [row[a:b] for row, a, b in zip(tokens, starts, lengths)]


def prefilled(model, texts):
    """A session that has read all but the last token of every prompt."""
    session = Session(model, len(texts.starts))
    longest = int(texts.starts.max()) - 1
    session.read(texts.tokens[:, :longest], torch.zeros_like(texts.starts))
    return session


@torch.no_grad()
def generate(model, prompts, temperature=0.0, longest=850, seed=0, device="cuda"):
    texts = Texts(prompts, device)
    session = prefilled(model, texts)
    generator = torch.Generator(device=device).manual_seed(seed)
    for step in range(longest):
        hidden = session.read(texts.window(texts.lengths - 1, 1), texts.lengths - 1)
        logits = model.logits(hidden[:, -1]).float()
        chosen = logits.argmax(-1) if temperature == 0 else torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator)[:, 0]
        texts.write(texts.lengths, torch.where(texts.open, chosen, text.PAD)[:, None])
        texts.lengths += texts.open
        texts.open &= (chosen != text.END) & (texts.lengths < text.CONTEXT - 1)
        if step % 16 == 15:
            if not texts.open.any():
                break
            texts.drop_closed(session)
    return texts.all()


@torch.no_grad()
def speculate(target, draft, prompts, length, admits, guarded=True, bonus=True, longest=850, device="cuda", temperature=0.0, seed=0):
    """
    Greedy speculative decoding, of drafts at a temperature; `admits(texts, drafted, hidden, mismatch)` -> bool [batch, length] says which
    drafted tokens may stay although the target's own choice is another one; hidden [batch, 1 + length, size] begins with
    the row of the token before them.
    """
    texts = Texts(prompts, device)
    count = len(prompts)
    main, small = prefilled(target, texts), prefilled(draft, texts)
    rounds, accepted, admitted = (torch.zeros(count, device=device) for _ in range(3))
    generator = torch.Generator(device=device).manual_seed(seed)

    def drawn(logits):
        if temperature == 0:
            return logits.argmax(-1)
        return torch.multinomial((logits.float() / temperature).softmax(-1), 1, generator=generator)[:, 0]

    while texts.open.any():
        start = texts.lengths - 1  # where t0 lies
        # The token before t0 may be one that the draft proposed last and never read.
        logits = draft.logits(small.read(texts.window(start - 1, 2), start - 1)[:, -1])
        drafted = [drawn(logits)]
        for at in range(1, length):
            logits = draft.logits(small.read(drafted[-1][:, None], start + at)[:, -1])
            drafted.append(drawn(logits))
        drafted = torch.stack(drafted, 1)
        hidden = main.read(torch.cat((texts.window(start, 1), drafted), 1), start)
        logits = target.logits(hidden).float()
        best = logits.argmax(-1)
        mismatch = drafted != best[:, :-1]
        may = admits(texts, drafted, hidden, mismatch)
        if guarded:
            share = logits[:, :-1].softmax(-1).gather(2, drafted[..., None])[..., 0]
            may &= (drafted >= len(text.SPECIAL)) & (best[:, :-1] != text.END) & (share >= FLOOR)
        kept = (~mismatch | may).long().cumprod(1).bool()
        # Nothing stays behind an end token.
        ended = (drafted == text.END) & kept
        kept &= (ended.long().cumsum(1) - ended.long()) == 0
        taken = kept.sum(1)
        over = ended.any(1)
        texts.write(start + 1, drafted)
        following = best.gather(1, taken[:, None])
        own = (~over) & (bonus | (taken < length))
        texts.write(start + 1 + taken, following)
        still = texts.open.clone()
        rounds[texts.which] += still
        accepted[texts.which] += taken * still
        admitted[texts.which] += (kept & mismatch).sum(1) * still
        texts.lengths = torch.where(still, texts.lengths + taken + own, texts.lengths)
        full = (texts.lengths - texts.starts > longest) | (texts.lengths + length >= text.CONTEXT)
        done = over | (own & (following[:, 0] == text.END)) | full
        texts.open &= ~done
        texts.drop_closed(main, small)
    return texts.all(), rounds, accepted, admitted


def strict(texts, drafted, hidden, mismatch):
    return torch.zeros_like(mismatch)


def everything(texts, drafted, hidden, mismatch):
    return torch.ones_like(mismatch)


def judged(head, threshold, norm=None):
    """A head (as `heads.read` reads one) at a threshold; `norm` is the target's last one, for terms that read behind it."""
    terms, bias = head
    cut = torch.logit(torch.tensor(threshold, dtype=torch.float64)).item()

    def admits(texts, drafted, hidden, mismatch):
        score = bias
        for state, row, weights in terms:
            dots = (hidden if state == "pre-norm" else norm(hidden)).float() @ weights
            score = score + (dots[:, 1:] if row == "own" else dots[:, :-1])
        return score > cut

    return admits


def at_random(rate, seed=0):
    """Admits a share of what it is asked about, whatever it is: a control."""
    generator = None

    def admits(texts, drafted, hidden, mismatch):
        nonlocal generator
        generator = generator or torch.Generator(device=drafted.device).manual_seed(seed)
        return torch.rand(drafted.shape, device=drafted.device, generator=generator) < rate

    return admits


def by_logits(target, fitted):
    """A logistic regression on the target's own distribution (`controls.json` of the heads): a control."""
    cut = torch.logit(torch.tensor(fitted["threshold"], dtype=torch.float64)).item()
    weights, bias = fitted["weights"], fitted["bias"]

    def admits(texts, drafted, hidden, mismatch):
        belief = target.logits(hidden[:, :-1]).float().log_softmax(-1)
        entropy = -(belief.exp() * belief).sum(-1)
        score = bias + weights[0] * belief.amax(-1).exp() + weights[1] * entropy
        if fitted["withChosen"]:
            score = score + weights[2] * belief.gather(2, drafted[..., None])[..., 0]
        return score > cut

    return admits


def oracle(labels, problems):
    """Admits what the recogniser calls right, as far as it has to be asked."""

    def admits(texts, drafted, hidden, mismatch):
        may = torch.zeros_like(mismatch)
        so_far, proposed, active, which = texts.solutions(), drafted.tolist(), texts.open.tolist(), texts.which.tolist()
        asked = [at for at in range(len(active)) if active[at]]
        answers = labels.of([(problems[which[at]], so_far[at] + proposed[at]) for at in asked])
        for at, answer in zip(asked, answers):
            tail = answer[len(so_far[at]) :]
            may[at] = torch.tensor([letter == "o" for letter in tail], device=mismatch.device)
        return may

    return admits
