/**
 * Lets a reader of standard output or standard error that has seen enough, such as `head`, close the pipe: what is written
 * then is lost, and nothing else happens. Without it Node ends the process with a stack trace.
 *
 * @throws whatever else goes wrong with the streams, as an uncaught error.
 */
export function ignoreClosedPipe(
  streams: readonly NodeJS.WritableStream[] = [process.stdout, process.stderr],
) {
  for (const stream of streams) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
}
