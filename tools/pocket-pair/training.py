"""Trains one model on rows of tokens."""
import math, time
import torch
import torch.nn.functional as F

WARM_UP = 200


def train(model, rows, *, phases, rate, seed, log, look_ups, device="cuda"):
    """
    `rows(name)`: token ids and what is learned of them, [rows, length + 1]. The phases follow each other; each draws
    `batch` rows of its own, `steps` times. A phase with an `until` comes first, goes at the full rate and ends as
    soon as that share of its look-ups is right; the others share one schedule. `look_ups` finds those places.
    """
    torch.manual_seed(seed)
    model.to(device).train()
    # Each phase has its own length of rows: compiled for it, not for any.
    run = torch.compile(model, dynamic=False) if device == "cuda" else model
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=device == "cuda")
    generator = torch.Generator(device=device).manual_seed(seed)
    scheduled = sum(phase["steps"] for phase in phases if "until" not in phase)
    step, at_schedule, started = 0, 0, time.time()
    for phase in phases:
        tokens, learned = (torch.from_numpy(array).to(device) for array in rows(phase["rows"]))
        log(f"{phase['rows']}: up to {phase['steps']} steps of {phase['batch']} rows of {tokens.shape[1] - 1} tokens")
        until, share = phase.get("until"), 0.0
        for _ in range(phase["steps"]):
            now = rate * min(1, (step + 1) / WARM_UP) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * at_schedule / scheduled)))
            for group in optimizer.param_groups:
                group["lr"] = now
            at = torch.randint(0, len(tokens), (phase["batch"],), device=device, generator=generator)
            batch = tokens[at].long()
            targets = batch[:, 1:].masked_fill(learned[at, 1:] == 0, -100)
            with torch.autocast(device, torch.bfloat16):
                logits = run(batch[:, :-1])
            loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-100)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            step += 1
            at_schedule += until is None
            if step % (250 if until is None else 50) == 0:
                share = share_right(logits, targets, look_ups(batch))
                log(f"step {step} loss {loss.item():.4f} look-ups {share:.3f} rate {now:.2e} after {time.time() - started:.0f} s")
                if until is not None and share >= until:
                    break
        if until is not None and share < until:
            raise SystemExit(f"after {step} steps only {share:.3f} of the look-ups are right, not {until}: nothing was learned to build on")
        del tokens, learned
    log(f"step {step} loss {loss.item():.4f} after {time.time() - started:.0f} s")
    return model.eval()


def share_right(logits, targets, places):
    places &= targets >= 0
    return (logits.argmax(-1) == targets)[places].float().mean().item()


def look_ups_of(names, space):
    """Finds where the first digit after a name is said, in rows [batch, length + 1]; [batch, length], as targets are."""

    def places(batch):
        found = torch.zeros_like(batch[:, 1:], dtype=torch.bool)
        found[:, 1:] = torch.isin(batch[:, :-2], torch.tensor(names, device=batch.device)) & (batch[:, 1:-1] == space)
        return found

    return places
