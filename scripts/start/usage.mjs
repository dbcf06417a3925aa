// Read before any package is there: whoever asks for help waits for nothing.
const USAGE = `npm start             run everything; rows are kept from start to start
npm start -- --fresh  remove the rows of earlier starts first

SLIPSTREAM_PORT       port of the pages (3000, or the next one that is free)
SLIPSTREAM_HOST       address to listen on (127.0.0.1)
SLIPSTREAM_DATA_DIR   folder of the rows, logs and secrets (.data)

The addresses of the pages, the simulator and its control API are printed once all is up, and stand in run.json of that folder.
See docs/operations.md and src/simulator/README.md.`;

/** Ends the process where it is asked for help, or for what there is none of. */
export function readArguments(args = process.argv.slice(2)) {
  if (args.some((argument) => argument !== '--fresh')) {
    console.log(USAGE);
    process.exit(args.includes('--help') ? 0 : 1);
  }
  return { fresh: args.includes('--fresh') };
}
