import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { ImportResult } from '../../src/page-contract.ts';
import { ask, post, textOf } from './api.ts';
import { Dialog, IconButton, say } from './controls.tsx';
import { inspector } from './feed.ts';
import { counted } from './format.ts';
import { Icon } from './icons.tsx';

const MAX_PROBLEMS_SHOWN = 100;

/** Export, import and clear. */
export function DataActions(): JSX.Element {
  const isAsking = useSignal(false);
  const imported = useSignal<ImportResult | string | undefined>(undefined);
  const file = useRef<HTMLInputElement>(null);
  const clear = async (): Promise<void> => {
    isAsking.value = false;
    try {
      await post('clear');
      say('Everything is cleared.');
    } catch (error) {
      say(`Nothing was cleared. ${textOf(error)}`);
    }
  };
  const take = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    try {
      const headers = { 'content-type': 'application/x-ndjson' };
      imported.value = await ask<ImportResult>('import', { method: 'POST', headers, body: chosen });
    } catch (error) {
      imported.value = textOf(error);
    }
    if (file.current) file.current.value = '';
  };
  return (
    <>
      <a
        class="icon-button with-words"
        href="/_/api/export"
        download="vero-events.ndjson"
        aria-label="Export as NDJSON"
        title="Export as NDJSON"
      >
        <Icon name="download" />
        <span aria-hidden="true">Export</span>
      </a>
      <input
        ref={file}
        class="unseen"
        type="file"
        tabIndex={-1}
        accept=".ndjson,.jsonl,.json,application/x-ndjson"
        aria-label="NDJSON file to import"
        onChange={({ currentTarget }) => void take(currentTarget.files?.[0])}
      />
      <IconButton icon="upload" label="Import NDJSON" words="Import" onClick={() => file.current?.click()} />
      <IconButton
        icon="trash"
        label="Clear everything"
        words="Clear"
        onClick={() => (isAsking.value = true)}
      />
      {isAsking.value && (
        <Dialog title="Clear everything?" onClose={() => (isAsking.value = false)}>
          <p>
            All events and people are forgotten{inspector.value?.database ? ', in the database, too' : ''}.
            Export first what you want to keep.
          </p>
          <div class="dialog-actions">
            <button type="button" class="button" onClick={() => (isAsking.value = false)}>
              Cancel
            </button>
            <button type="button" class="button is-danger" onClick={() => void clear()}>
              Clear everything
            </button>
          </div>
        </Dialog>
      )}
      {imported.value !== undefined && (
        <Dialog title="Import" onClose={() => (imported.value = undefined)}>
          <Imported result={imported.value} />
        </Dialog>
      )}
    </>
  );
}

function Imported({ result }: { readonly result: ImportResult | string }): JSX.Element {
  if (typeof result === 'string') return <p class="problem">{result}</p>;
  const { imported, failed, problems } = result;
  const shown = problems.slice(0, MAX_PROBLEMS_SHOWN);
  return (
    <>
      <p>
        {counted(imported, 'line')} imported
        {failed === 0 ? '.' : `, ${counted(failed, 'line')} not:`}
      </p>
      {shown.length > 0 && (
        <ul class="import-problems">
          {shown.map(({ line, message }) => (
            <li key={line}>
              <strong>Line {line}</strong> {message}
            </li>
          ))}
          {failed > shown.length && <li>and {failed - shown.length} more</li>}
        </ul>
      )}
    </>
  );
}
