"""What transformers renders from a chat template, with a clock that stands still."""

import copy
import datetime as real_datetime
import json

from transformers.utils import chat_template_utils

MESSAGES = [{"role": "user", "content": " Hi <b> "}, {"role": "assistant", "content": "yo"}]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
NOW = real_datetime.datetime(2026, 11, 8, 9, 5, 7)


class _Clock(real_datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return NOW


chat_template_utils.datetime = _Clock


def rendering(template: str, messages=None, generation_prompt=True) -> dict:
    """{"ok": text} or {"err": "Kind: message"}: what Python says, addresses and line numbers left out."""
    try:
        compiled = chat_template_utils._compile_jinja_template(template)
        return {
            "ok": compiled.render(
                # `indent` changes a list that it is given
                messages=copy.deepcopy(MESSAGES if messages is None else messages),
                tools=None,
                documents=None,
                add_generation_prompt=generation_prompt,
                **TOKENS,
            )
        }
    except Exception as error:
        return {"err": f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"}


def write(path: str, rows) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write("[\n")
        file.write(",\n".join(json.dumps(row, ensure_ascii=True) for row in rows))
        file.write("\n]\n")
