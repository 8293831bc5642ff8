"""
The tokens that a judge is asked about, as they come up when draft and target write a text together, with the
recogniser's word on each: what heads are fitted on.
"""
import torch

import decoding, text

# A word of the draft's that the target went wrong so few tokens behind may have led it astray.
NEAR = 30


class Asked:
    """
    Admits, in `decoding.speculate`, what the recogniser calls right, but for a share of it (`refused`, drawn by text), so that the target's
    words come between the draft's as they do under a judge that is not sure. Of every token that it is asked about, up to
    the first wrong one of a round, it keeps the target's last hidden state on the token's own row and on the row before.
    Where a text goes wrong by what the target takes itself, the row of the last token that was let in is remembered in `led`.
    """

    def __init__(self, target, labels, problems, refused, seed=0):
        self.target, self.labels, self.problems = target, labels, problems
        self.random = torch.Generator().manual_seed(seed)
        self.refused = refused * torch.rand(len(problems), generator=self.random)
        self.kept, self.count, self.led = [], 0, []
        self.latest = {}  # by problem: row and place of the last token that was let in

    def __call__(self, texts, drafted, hidden, mismatch):
        so_far, proposed, which = texts.solutions(), drafted.tolist(), texts.which.tolist()
        asked = [at for at in range(len(proposed)) if texts.open[at]]
        answers = self.labels.of([(self.problems[which[at]], so_far[at] + proposed[at]) for at in asked])
        letters = ["d" * len(row) for row in proposed]
        for at, answer in zip(asked, answers):
            letters[at] = answer[len(so_far[at]) :]
        right = torch.tensor([[letter == "o" for letter in row] for row in letters], device=drafted.device)
        wrong = torch.tensor([[letter == "w" for letter in row] for row in letters], device=drafted.device)
        belief = self.target.logits(hidden[:, :-1]).float().log_softmax(-1)
        share = belief.gather(2, drafted[..., None])[..., 0].exp()
        allowed = (share >= decoding.FLOOR) & (drafted >= len(text.SPECIAL)) & (belief.argmax(-1) != text.END)
        # Behind what nobody lets in, no token of a round is asked about.
        passed = ~mismatch | (right & allowed)
        reached = torch.cat((torch.ones_like(passed[:, :1]), passed[:, :-1]), 1).long().cumprod(1).bool()
        here = mismatch & allowed & reached & (right | wrong)
        self.keep(here, hidden, right, share, which)
        draws = torch.rand(drafted.shape, generator=self.random).to(drafted.device)
        admitted = right & (draws >= self.refused[texts.which.cpu()].to(drafted.device)[:, None])
        taken = (~mismatch | (admitted & allowed)).long().cumprod(1).bool()
        self.follow(asked, which, so_far, answers, here, taken, mismatch)
        return admitted

    def follow(self, asked, which, so_far, answers, here, taken, mismatch):
        """Remembers what was let in, and notices where the target goes wrong by itself."""
        rows = torch.full(here.shape, -1, device=here.device)
        rows[here] = torch.arange(self.count, self.count + int(here.sum()), device=here.device)
        self.count += int(here.sum())
        rows, taken, mismatch = rows.tolist(), taken.tolist(), mismatch.tolist()
        for at, answer in zip(asked, answers):
            problem, begin = which[at], len(so_far[at])
            if begin and answer[begin - 1] == "w":
                self.blame(problem, begin - 1)
            for place, row in enumerate(rows[at]):
                if not taken[at][place]:
                    break
                if answer[begin + place] == "w":
                    self.blame(problem, begin + place)
                    break
                if mismatch[at][place] and row >= 0:
                    self.latest[problem] = row, begin + place

    def blame(self, problem, place):
        row, let_in = self.latest.pop(problem, (-1, -NEAR))
        if place - let_in < NEAR:
            self.led.append(row)

    def keep(self, here, hidden, right, share, which):
        problem = torch.tensor(which, device=here.device)[:, None].expand_as(here)
        self.kept.append((hidden[:, 1:][here], hidden[:, :-1][here], right[here], share[here], problem[here]))

    def found(self):
        """own and previous state [n, hidden], right [n], the target's probability [n], problem by its place [n]"""
        return tuple(torch.cat(part) for part in zip(*self.kept))
