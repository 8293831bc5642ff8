"""Trains one model on rows of tokens, on one GPU or on several that share every batch."""
import os, time
import torch
import torch.distributed as dist
import torch.nn.functional as F

from llama import attend_within, bounds_of, mask_of

WARM_UP = 150


class Optimizer:
    """
    Muon (an orthogonalised momentum) for the matrices of the layers, those of one shape together; AdamW for the
    embedding and the norms. `rate` is Muon's; AdamW goes at a fixed share of it.
    """

    ADAM_SHARE, MOMENTUM, DECAY = 0.15, 0.95, 0.05

    def __init__(self, model, rate, cuda):
        self.groups = {}
        for name, p in model.named_parameters():
            if p.dim() == 2 and not name.startswith("embed"):
                self.groups.setdefault(tuple(p.shape), []).append(p)
        self.moments = {shape: torch.zeros(len(ps), *shape, device=ps[0].device) for shape, ps in self.groups.items()}
        rest = [p for name, p in model.named_parameters() if p.dim() < 2 or name.startswith("embed")]
        self.adam = torch.optim.AdamW(rest, lr=rate * self.ADAM_SHARE, betas=(0.9, 0.95), weight_decay=0.0, fused=cuda)
        self.orthogonal = torch.compile(orthogonal, dynamic=False) if cuda else orthogonal

    @torch.no_grad()
    def step(self, rate):
        for shape, ps in self.groups.items():
            gradient = torch.stack([p.grad for p in ps]).float()
            moment = self.moments[shape]
            moment.lerp_(gradient, 1 - self.MOMENTUM)
            update = self.orthogonal(gradient.lerp(moment, self.MOMENTUM)).float()
            scale = rate * max(1, shape[0] / shape[1]) ** 0.5
            for p, u in zip(ps, update.unbind()):
                p.mul_(1 - rate * self.DECAY).add_(u, alpha=-scale)
        self.adam.param_groups[0]["lr"] = rate * self.ADAM_SHARE
        self.adam.step()

    def state(self):
        return {"moments": self.moments, "adam": self.adam.state_dict()}

    def take(self, state):
        self.moments = state["moments"]
        self.adam.load_state_dict(state["adam"])


def orthogonal(g):
    """About the nearest matrices with orthogonal rows or columns, [n, a, b]: five Newton-Schulz iterations."""
    tall = g.shape[1] > g.shape[2]
    x = (g.mT if tall else g).bfloat16()
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.mT if tall else x


def without_mask():
    """Whether this machine's attention within conversations agrees with a mask's, forwards and backwards."""
    try:
        tokens = torch.full((4, 256), 9, device="cuda")
        tokens[:, 0] = tokens[1, 77] = tokens[2, 130] = tokens[2, 131] = 1
        ours, theirs = ([torch.randn(4, 3, 256, 64, device="cuda", dtype=torch.bfloat16, generator=torch.Generator("cuda").manual_seed(at)).requires_grad_() for at in range(3)] for _ in range(2))
        bounds = bounds_of(tokens)
        y, z = attend_within(*ours, bounds), F.scaled_dot_product_attention(*theirs, attn_mask=mask_of(tokens))
        y.float().square().sum().backward()
        z.float().square().sum().backward()
        pairs = [(y, z), *((a.grad, b.grad) for a, b in zip(ours, theirs))]
        return all((a - b).abs().max() < 0.05 * b.abs().max() for a, b in pairs)
    except (RuntimeError, AttributeError, TypeError) as error:
        print("attention within conversations is not to be had:", error, flush=True)
        return False


class Checkpoint:
    """
    Where a training stands, in a file that is written every so many seconds: what a run takes up that began after
    another had ended early. Weights, moments, and how far the phases are.
    """

    EVERY = float(os.environ.get("CHECKPOINT_EVERY", 45))

    def __init__(self, path, size):
        self.path, self.size, self.latest = path, size, time.time()

    def read(self, device):
        return torch.load(self.path, map_location=device) if os.path.exists(self.path) else None

    def due(self):
        return time.time() - self.latest > self.EVERY

    def write(self, model, optimizer, **where):
        torch.save({"size": self.size, "weights": model.state_dict(), "optimizer": optimizer.state(), **where}, f"{self.path}.part")
        os.rename(f"{self.path}.part", self.path)
        self.latest = time.time()


class Supply:
    """Rows on the device, as many as there are: more of them may come while a model is trained."""

    def __init__(self, parts, device):
        self.parts, self.device, self.tokens, self.learned, self.ended = parts, device, None, None, False
        self.fill()

    def fill(self):
        """Takes what has come since; says whether that was anything."""
        before = 0 if self.tokens is None else len(self.tokens)
        while not self.ended:
            part = next(self.parts, "end")
            if part is None:
                break
            if isinstance(part, str):
                self.ended = True
                break
            tokens, learned = (torch.from_numpy(array).to(self.device) for array in part)
            self.tokens = tokens if self.tokens is None else torch.cat((self.tokens, tokens))
            self.learned = learned if self.learned is None else torch.cat((self.learned, learned))
        return len(self.tokens) > before


def train(model, rows, *, phases, rate, seed, log, look_ups, device="cuda", start=None, seconds=None, checkpoint=None):
    """
    `rows(name)`: part after part of token ids and what is learned of them, [rows, length + 1] each; `None` where the next
    one is not there yet. The phases follow each other; each draws `batch` rows of its own, `steps` times. A phase with an
    `until` comes first, goes at the full rate and ends as soon as that share of its look-ups is right; the others share
    one schedule. `look_ups` finds those places. With `start` (weights), phases with an `until` are left out. Started by
    torchrun, the processes share each batch. `seconds` is the most that the schedule takes: on a machine that is too slow
    for its steps it is shorter. With a `checkpoint`, what an earlier run left there is gone on with.
    """
    world, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    cuda = device.startswith("cuda")
    torch.manual_seed(seed)
    model.to(device).train()
    if start is not None:
        model.load_state_dict(start)
        phases = [phase for phase in phases if "until" not in phase]
    for p in model.parameters() if world > 1 else ():
        dist.broadcast(p.data, 0)
    machine = Machine(model, cuda, device, log)
    optimizer = Optimizer(model, rate, cuda)
    generator = torch.Generator(device=device).manual_seed(seed + 1000 * rank)
    scheduled = max(1, sum(phase["steps"] for phase in phases if "until" not in phase))
    step, at_schedule, progress, planned, spent, began_at = 0, 0, 0.0, 0, 0.0, 0
    before = checkpoint.read(device) if checkpoint else None
    if before is not None:
        model.load_state_dict(before["weights"])
        optimizer.take(before["optimizer"])
        step, at_schedule, progress, spent, began_at = (before[key] for key in ("step", "at_schedule", "progress", "spent", "phase"))
        generator.manual_seed(seed + 1000 * rank + step)
        log(f"goes on at step {step}, phase {began_at}, {progress:.3f} of the schedule")
    started, latest = time.time(), time.time()
    for at_phase, phase in enumerate(phases):
        until, share = phase.get("until"), 0.0
        if until is None:
            planned += phase["steps"]
        if at_phase < began_at:
            continue
        supply = Supply(rows(phase["rows"]), device)
        log(f"{phase['rows']}: up to {phase['steps']} steps of {world} x {phase['batch']} rows of {supply.tokens.shape[1] - 1} tokens out of {len(supply.tokens)}")
        latest = time.time()
        for own in range(phase["steps"]):
            if until is None and progress >= planned / scheduled - 1e-9:
                break
            # Down to nothing over the last two thirds.
            now = rate * min(1, (step + 1) / WARM_UP, 0.01 + 1.5 * (1 - progress))
            at = torch.randint(0, len(supply.tokens), (phase["batch"],), device=device, generator=generator)
            batch = supply.tokens[at].long()
            inputs, places = batch[:, :-1].contiguous(), supply.learned[at, 1:].flatten().nonzero()[:, 0]
            targets = batch[:, 1:].flatten()[places]
            loss, right = machine.gradients(inputs, places, targets)
            if world > 1:
                average([p.grad for p in model.parameters()], world)
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step(now)
            step += 1
            if own == 1:
                # What is compiled at the first steps is no part of the schedule.
                if cuda:
                    torch.cuda.synchronize()
                latest = time.time()
            if until is None:
                at_schedule += 1
                progress = max(progress, at_schedule / scheduled)
                if own % 25 == 24:
                    # Nor is what an interrupted run lost.
                    spent, latest = spent + time.time() - latest, time.time()
                    if seconds is not None:
                        progress = max(progress, agreed(spent / seconds, world, device))
                    if own % 100 == 99 and supply.fill():
                        log(f"{len(supply.tokens)} rows now")
                    if checkpoint and rank == 0 and checkpoint.due():
                        checkpoint.write(model, optimizer, step=step, at_schedule=at_schedule, progress=progress, spent=spent, phase=at_phase)
            if step % (200 if until is None else 25) == 0:
                share = right[look_ups(batch).flatten()[places]].float().mean().item()
                if world > 1:
                    share = agreed(share, world, device)
                log(f"step {step} loss {loss.item():.4f} right {right.float().mean().item():.4f} look-ups {share:.3f} rate {now:.2e} progress {progress:.3f} after {time.time() - started:.0f} s")
                if until is not None and share >= until:
                    break
        if until is not None and share < until:
            log(f"after {step} steps only {share:.3f} of the look-ups are right, not {until}: it goes on, and may learn them later or not at all")
        del supply
    log(f"step {step} after {time.time() - started:.0f} s, {spent:.0f} s of them the schedule")
    return model.eval()


def agreed(value, world, device):
    """The first process's value, in all of them: they have to end phases together."""
    if world == 1:
        return value
    shared = torch.tensor(float(value), device=device, dtype=torch.float64)
    dist.broadcast(shared, 0)
    return shared.item()


class Machine:
    """Runs the model forwards and backwards, in the fastest way that this machine's PyTorch can."""

    def __init__(self, model, cuda, device, log):
        self.model, self.kind, self.log, self.cuda = model, device.split(":")[0], log, cuda
        bounded = [True, False] if cuda and without_mask() else [False]
        self.ways = [(compiled, by_bounds) for compiled in ([True, False] if cuda else [False]) for by_bounds in bounded]
        self.choose()

    def choose(self):
        self.compiled, self.bounded = self.ways.pop(0)
        self.log("attention", "within bounds" if self.bounded else "with a mask", "compiled" if self.compiled else "not compiled")
        self.run = torch.compile(self.model, dynamic=False) if self.compiled else self.model
        self.score = torch.compile(loss_of, dynamic=True) if self.compiled else loss_of
        self.proven = False

    def gradients(self, inputs, places, targets):
        while True:
            try:
                self.model.zero_grad(set_to_none=True)
                with torch.autocast(self.kind, torch.bfloat16, enabled=self.cuda):
                    hidden = self.run(inputs, bounds_of(inputs) if self.bounded else None)
                    loss, right = self.score(hidden.flatten(0, 1), places, targets, self.model.norm.weight, self.model.embed.weight)
                loss.backward()
                self.proven = True
                return loss, right
            except Exception as error:
                if self.proven or not self.ways:
                    raise
                self.log("that does not work here:", repr(error)[:300])
                self.choose()


def loss_of(hidden, places, targets, norm, embed):
    """The mean loss over what is learned, and which of it is right; only those places get logits."""
    x = F.rms_norm(hidden[places], (hidden.shape[-1],), norm, 1e-5)
    logits = F.linear(x, embed).float()
    return F.cross_entropy(logits, targets), logits.argmax(-1) == targets


def average(gradients, world):
    flat = torch.cat([g.flatten() for g in gradients])
    dist.all_reduce(flat)
    at = 0
    for g in gradients:
        g.copy_(flat[at : at + g.numel()].view_as(g) / world)
        at += g.numel()


def look_ups_of(names, space):
    """Finds where the first digit after a name is said, in rows [batch, length + 1]; [batch, length], as targets are."""

    def places(batch):
        found = torch.zeros_like(batch[:, 1:], dtype=torch.bool)
        found[:, 1:] = torch.isin(batch[:, :-2], torch.tensor(names, device=batch.device)) & (batch[:, 1:-1] == space)
        return found

    return places
