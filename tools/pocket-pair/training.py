"""Trains one model on rows of tokens."""
import math, time
import torch
import torch.nn.functional as F


def train(model, tokens, learned, *, steps, batch, rate, seed, log, seconds=None, device="cuda"):
    """The schedule follows the steps, or the seconds where a limit is given: whichever ends first."""
    torch.manual_seed(seed)
    model.to(device).train()
    tokens, learned = torch.from_numpy(tokens).to(device), torch.from_numpy(learned).to(device)
    run = torch.compile(model) if device == "cuda" else model
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.95), fused=device == "cuda")
    generator = torch.Generator(device=device).manual_seed(seed)
    started, step = None, 0
    while step < steps:
        spent = 0 if started is None else time.time() - started
        done = max(step / steps, spent / seconds if seconds else 0)
        if done >= 1:
            break
        now = rate * min(1, (step + 1) / 200) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done)))
        for group in optimizer.param_groups:
            group["lr"] = now
        at = torch.randint(0, len(tokens), (batch,), device=device, generator=generator)
        rows = tokens[at].long()
        targets = rows[:, 1:].masked_fill(learned[at, 1:] == 0, -100)
        with torch.autocast(device, torch.bfloat16):
            logits = run(rows[:, :-1])
        loss = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), ignore_index=-100)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step == 3:  # compiled by now
            loss.item()
            started = time.time()
        if step % 250 == 0:
            log(f"step {step} loss {loss.item():.4f} rate {now:.2e}")
    log(f"trained {step} steps, last loss {loss.item():.4f}, {time.time() - (started or time.time()):.0f} s after compiling")
    return model.eval()
