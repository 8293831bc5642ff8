import { Dialog } from '@judge-decoding/page-parts';
import { useId, useState } from 'preact/hooks';
import type { ModelPlace, PairPlace } from '../engine/protocol.ts';
import { choosePair } from '../state/pair.ts';

/** Models from files that stay on this machine, or from any address that lets pages read it. */
export function OwnPairDialog({ onClose }: { readonly onClose: () => void }) {
  const [target, setTarget] = useState<ModelPlace>();
  const [draft, setDraft] = useState<ModelPlace>();
  const [head, setHead] = useState<PairPlace['head']>();
  const headId = useId();
  return (
    <Dialog title="Your own models" onClose={onClose}>
      <p class="soft">
        Hugging Face folders (config.json, tokenizer.json, safetensors) or GGUF files of Llama, Qwen, Mistral
        or Gemma models; SmolLM2-135M is small enough for every machine. A draft needs the target’s tokenizer.
        Files are read here and go nowhere.
      </p>
      <form
        class="own-pair"
        method="dialog"
        onSubmit={() => {
          if (target === undefined) return;
          choosePair({
            name: draft === undefined ? nameOf(target) : `${nameOf(target)} + ${nameOf(draft)}`,
            target,
            ...(draft === undefined ? {} : { draft }),
            ...(head === undefined ? {} : { head }),
          });
        }}
      >
        <PlaceField label="Target" onChange={setTarget} />
        <PlaceField
          label="Draft"
          note="optional: without one, drafts are what followed the same words before"
          onChange={setDraft}
        />
        <div class="field">
          <label for={headId}>Judge head (optional, .safetensors)</label>
          <input
            id={headId}
            type="file"
            accept=".safetensors"
            onChange={({ currentTarget }) => {
              const [file] = currentTarget.files ?? [];
              setHead(file === undefined ? undefined : { file });
            }}
          />
        </div>
        <button type="submit" class="primary" disabled={target === undefined}>
          Use them
        </button>
      </form>
    </Dialog>
  );
}

function PlaceField({
  label,
  note,
  onChange,
}: {
  readonly label: string;
  readonly note?: string;
  readonly onChange: (place: ModelPlace | undefined) => void;
}) {
  const [kind, setKind] = useState<'folder' | 'file' | 'address'>('folder');
  const [id, kindId] = [useId(), useId()];
  const picked = (list: FileList | null) => onChange(list?.length ? { files: [...list] } : undefined);
  return (
    <fieldset class="field place">
      <legend>
        {label}
        {note !== undefined && <span class="soft"> ({note})</span>}
      </legend>
      <label class="hidden" for={kindId}>
        {label}: what it is
      </label>
      <select
        id={kindId}
        value={kind}
        onChange={({ currentTarget }) => {
          setKind(currentTarget.value as typeof kind);
          onChange(undefined);
        }}
      >
        <option value="folder">a folder</option>
        <option value="file">a GGUF file</option>
        <option value="address">an address</option>
      </select>
      <label class="hidden" for={id}>
        {label}
      </label>
      {kind === 'address' ? (
        <input
          id={id}
          type="text"
          inputMode="url"
          placeholder="https://…/SmolLM2-135M-Instruct/"
          onInput={({ currentTarget: { value } }) =>
            onChange(URL.canParse(value) ? { url: value } : undefined)
          }
        />
      ) : kind === 'folder' ? (
        <input
          key="folder"
          id={id}
          type="file"
          ref={(element) => element?.setAttribute('webkitdirectory', '')}
          onChange={({ currentTarget }) => picked(currentTarget.files)}
        />
      ) : (
        <input
          key="file"
          id={id}
          type="file"
          accept=".gguf"
          onChange={({ currentTarget }) => picked(currentTarget.files)}
        />
      )}
    </fieldset>
  );
}

function nameOf(place: ModelPlace): string {
  if ('url' in place) return place.url.replace(/\/$/, '').split('/').at(-1) ?? place.url;
  const [file] = place.files;
  return file?.webkitRelativePath.split('/')[0] || file?.name || 'files';
}
