"""Small tests of what makes judge heads: `python3 -m unittest test_judges` in this folder. Needs torch, tokenizers and numpy."""
import contextlib, io, json, os, struct, sys, tempfile, types, unittest

import torch

# the world is asked by a process of Node's, which these tests stand in for
sys.modules["world"] = types.ModuleType("world")
import asked, fitting, judges, lost, text, world

OK, WRONG = 20, 21  # token ids of a world in which a text may not hold the second


class Labels:
    """o as long as no wrong token came, then w, then d."""

    def __init__(self, *_):
        self.closed = False

    def of(self, requests):
        return ["".join("o" if WRONG not in ids[: at + 1] else "w" if WRONG not in ids[:at] else "d" for at in range(len(ids))) for _, ids in requests]

    def close(self):
        self.closed = True


class Texts:
    """Two texts under way, of which the second is at its end."""

    def __init__(self, so_far=((OK,), (OK,))):
        self.open, self.which, self.so_far = torch.tensor([True, False]), torch.tensor([0, 1]), so_far

    def solutions(self):
        return [list(one) for one in self.so_far]


class Target:
    """Finds every token equally likely."""

    def logits(self, hidden):
        return torch.zeros(*hidden.shape[:2], 32)


def asking(refused=0.0):
    return asked.Asked(Target(), Labels(), [{"id": "a"}, {"id": "b"}], refused)


def hidden_of(rows):
    return torch.arange(2 * rows * 4, dtype=torch.float32).reshape(2, rows, 4)


class AskedTest(unittest.TestCase):
    def test_right_mismatches_are_let_in_and_kept_up_to_the_first_wrong_one(self):
        rule, hidden = asking(), hidden_of(5)
        drafted = torch.tensor([[OK, OK, WRONG, OK]] * 2)
        mismatch = torch.tensor([[True, False, True, True]] * 2)
        admitted = rule(Texts(), drafted, hidden, mismatch)
        self.assertEqual(admitted[0].tolist(), [True, True, False, False])
        own, previous, right, share, problem = rule.found()
        # the first and the third token were asked about; what stands behind a wrong one was not, nor what is at its end
        self.assertEqual(right.tolist(), [True, False])
        self.assertEqual(problem.tolist(), [0, 0])
        self.assertTrue(torch.equal(own, hidden[0, [1, 3]]))
        self.assertTrue(torch.equal(previous, hidden[0, [0, 2]]))
        self.assertTrue(torch.allclose(share, torch.full((2,), 1 / 32)))

    def test_what_is_refused_is_kept_all_the_same(self):
        rule = asking(refused=1.0)
        rule.refused = torch.ones(2)
        admitted = rule(Texts(), torch.tensor([[OK, OK]] * 2), hidden_of(3), torch.ones(2, 2, dtype=torch.bool))
        self.assertFalse(admitted.any())
        self.assertEqual(rule.found()[2].tolist(), [True, True])

    def test_a_wrong_word_of_the_target_is_laid_on_what_was_let_in_before(self):
        rule = asking()
        rule(Texts(), torch.tensor([[OK, OK]] * 2), hidden_of(3), torch.tensor([[True, False]] * 2))
        rule(Texts(((OK, OK, OK, WRONG), (OK,))), torch.tensor([[OK, OK]] * 2), hidden_of(3), torch.zeros(2, 2, dtype=torch.bool))
        self.assertEqual(rule.led, [0])
        far = asking()
        far.latest[0] = 7, 1
        far.blame(0, 1 + asked.NEAR)
        self.assertEqual(far.led, [])


def examples(right, scores, problems=1000):
    """Examples whose own state is their score."""
    path = os.path.join(tempfile.mkdtemp(), "a.pt")
    states = torch.tensor(scores, dtype=torch.float32)[:, None]
    torch.save({"own": states, "previous": -states, "right": torch.tensor(right), "led": torch.tensor([0]), "problems": problems}, path)
    return fitting.Examples([path, path], "cpu"), path


class FittingTest(unittest.TestCase):
    def test_files_are_joined_and_what_led_astray_is_counted_in_each(self):
        both, _ = examples([True, True, False], [3.0, 2.0, 1.0])
        self.assertEqual(both.problems, 2000)
        self.assertEqual(both.right.tolist(), [True, True, False] * 2)
        self.assertEqual(both.right_and_harmless.tolist(), [False, True, False] * 2)
        self.assertEqual(both.inputs((("pre-norm", "own"), ("pre-norm", "previous")))[0].tolist(), [3.0, -3.0])

    def test_a_regression_tells_apart_and_a_ridge_makes_it_smaller(self):
        random = torch.Generator().manual_seed(1)
        right = torch.rand(400, generator=random) < 0.7
        inputs = torch.randn(400, 3, generator=random)
        inputs[:, 1] += 2 * right
        weight, bias = fitting.logistic(inputs, right, 1.0, 1e-4)
        told = (inputs @ weight + bias > 0) == right
        self.assertGreater(told.float().mean().item(), 0.8)
        self.assertGreater(weight[1].item(), 3 * weight[[0, 2]].abs().max().item())
        small, _ = fitting.logistic(inputs, right, 1.0, 1.0)
        self.assertLess(small.norm().item(), weight.norm().item() / 2)
        # the more a wrong token weighs, the fewer are let in
        _, careful = fitting.logistic(inputs, right, 20.0, 1e-4)
        self.assertLess(careful.item(), bias.item())

    def test_thresholds_and_shares_by_harm(self):
        # of 1,000 answers: right ones at 10..1, a wrong one below each of the best eight
        scores = [value for at in range(10, 0, -1) for value in (float(at), at - 0.5)]
        data, _ = examples([True, False] * 10, scores, problems=500)
        score = data.states["own"][:, 0]
        share, shares = fitting.let_in(score, data, data.right)
        self.assertEqual(shares, sorted(shares))
        self.assertAlmostEqual(share, sum(shares) / 3)
        for harm in fitting.HARM:
            threshold = fitting.threshold_letting_in(score, data, harm)
            self.assertLessEqual(int((torch.sigmoid(score[~data.right].double()) > threshold).sum()), harm)
        with self.assertRaisesRegex(ValueError, "expected wrong tokens"):
            fitting.threshold_letting_in(score[data.right], types.SimpleNamespace(right=torch.ones(20, dtype=torch.bool), problems=1), 4)

    def test_a_head_file_is_the_like_ones_with_other_weights(self):
        folder = tempfile.mkdtemp()
        told = {"hiddenSize": 2, "bias": 0, "provenance": {"model": "m", "fingerprint": {"weights": "f"}, "dtype": "fp32", "data": "old"}}
        header = json.dumps({"__metadata__": {"head": json.dumps(told)}}).encode()
        with open(f"{folder}/like", "wb") as file:
            file.write(struct.pack("<Q", len(header)) + header)
        terms = (("pre-norm", "own"), ("post-norm", "previous"))
        fitting.write(f"{folder}/new", f"{folder}/like", torch.tensor([1.0, 2.0, 3.0, 4.0]), torch.tensor(0.5), terms, torch.tensor([2.0, 4.0]), 0.9, "new", {}, [], {})
        with open(f"{folder}/new", "rb") as file:
            size = struct.unpack("<Q", file.read(8))[0]
            written, body = json.loads(file.read(size)), file.read()
        head = json.loads(written["__metadata__"]["head"])
        self.assertEqual(size % 8, 0)
        self.assertEqual((head["bias"], head["threshold"], head["provenance"]["model"], head["provenance"]["data"]), (0.5, 0.9, "m", "new"))
        # a post-norm head takes the norm's weights into its own
        self.assertEqual(struct.unpack("<4f", body), (1.0, 2.0, 1.5, 1.0))
        self.assertEqual(written["term.1"]["data_offsets"], [8, 16])
        self.assertEqual(os.listdir(folder).count("new.part"), 0)
        self.assertNotEqual(fitting.digest([f"{folder}/new"]), fitting.digest([f"{folder}/like"]))


class JudgesTest(unittest.TestCase):
    def test_a_file_for_each_chunk_of_a_plans_problems(self):
        plan = {"split": "train", "from": 5, "temperature": 0.7, "problems": judges.CHUNK // 3}
        self.assertEqual(judges.rows_of("work", plan), ["work/asked/train-5-0.7.0.pt"])
        more = judges.rows_of("work", plan | {"problems": judges.CHUNK // 3 + 1, "noisy": True})
        self.assertEqual(more, ["work/asked/train-5-0.7-noisy.0.pt", "work/asked/train-5-0.7-noisy.1.pt"])


class LostTest(unittest.TestCase):
    def test_the_first_wrong_token_has_its_writer(self):
        folder = tempfile.mkdtemp()
        row = lambda arm, index, correct, tokens, marks: {"arm": arm, "problem": f"words/test/{index}", "correct": correct, "tokens": tokens, "marks": marks}
        rows = [
            row("plain", 0, True, [OK], "b"), row("plain", 1, True, [OK], "b"), row("plain", 2, False, [WRONG], "b"),
            row("judge", 0, False, [OK, WRONG, OK], "sar"), row("judge", 1, False, [OK, OK], "sa"), row("judge", 2, False, [WRONG], "a"),
        ]
        with open(f"{folder}/runs-1of2.jsonl", "w") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows[:4])
        with open(f"{folder}/runs-2of2.jsonl", "w") as file:
            file.writelines(json.dumps(one) + "\n" for one in rows[4:])
        self.assertEqual(list(lost.rows_in(folder)), rows)
        world.Labels = Labels
        pieces, text.pieces = text.pieces, lambda tokenizer: None
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said):
                lost.lost(types.SimpleNamespace(decode=lambda ids, skip_special_tokens: str(ids)), folder)
        finally:
            text.pieces = pieces
        # what plain decoding has wrong, too, is nobody's loss
        self.assertIn('judge: 2 wrong of 3 that plain decoding has right; the first wrong token by {"the judge": 1, "nobody": 1}', said.getvalue())


if __name__ == "__main__":
    unittest.main()
