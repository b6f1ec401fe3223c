import { startNetwork } from './network.ts';
import { runOnce } from './once/run-once.ts';
import { readableSummary } from './once/summary.ts';
import { videoFile } from './once/video-file.ts';
import { StoppedError, stopSignal } from './stop-signal.ts';

/** Options of `--once`. */
export interface OnceCommand {
  readonly seconds: number;
  readonly fps: number;
  readonly json: boolean;
  readonly input?: string;
  readonly folder: string;
}

const say = (line: string): void => {
  process.stderr.write(`devnet: ${line}\n`);
};

/**
 * One paid session on a fresh network, with its summary as the last line on standard output. Any part that ends
 * unexpectedly ends the run. Returns the exit code: 0 only when the summary is ok.
 */
export async function onceCommand(command: OnceCommand): Promise<number> {
  const { seconds, fps, json, input, folder } = command;
  const stopped = stopSignal();
  const fault = new AbortController();
  const signal = AbortSignal.any([stopped, fault.signal]);
  const { LP_GATEWAY_PORT = '0', LP_SIGNER_PORT = '0', LP_ORCHESTRATOR_PORT = '0' } = process.env;
  try {
    if (input !== undefined) await checkInput(input, fps, signal);
    await using network = await startNetwork({
      folder,
      ports: { gateway: LP_GATEWAY_PORT, signer: LP_SIGNER_PORT, orchestrator: LP_ORCHESTRATOR_PORT },
      signal,
      progress: say,
      onFault: (name, text) => {
        say(`${name} ${text}`);
        fault.abort(new Error(`${name} ${text}`));
      },
    });
    const what = { seconds, fps, signal, progress: say };
    const summary = await runOnce(network, input === undefined ? what : { ...what, input });
    process.stdout.write(json ? `${JSON.stringify(summary)}\n` : readableSummary(summary));
    return summary.ok ? 0 : 1;
  } catch (error) {
    const reason = signal.aborted ? signal.reason : error;
    const message = reason instanceof Error ? reason.message : String(reason);
    say(message);
    if (reason instanceof StoppedError) return reason.exitCode;
    if (json) process.stdout.write(`${JSON.stringify({ ok: false, failures: [message] })}\n`);
    return 1;
  }
}

/** Shows a bad input before anything is started and paid. @throws InputError */
async function checkInput(input: string, fps: number, signal: AbortSignal): Promise<void> {
  await using source = videoFile(input, fps, signal);
  await source.next();
}
