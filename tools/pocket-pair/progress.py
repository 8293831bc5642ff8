"""Lines with the time of day and the seconds since the start."""
import time

STARTED = time.time()


def log(*parts):
    print(f"[{time.strftime('%H:%M:%S')} {time.time() - STARTED:6.1f}]", *parts, flush=True)
