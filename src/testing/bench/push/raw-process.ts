import { type WebSocket, WebSocketServer } from 'ws';
import { serve } from '../serve';

/** The floor of pushing: a bare WebSocket server that sends each of its sockets one text. */
const sockets: WebSocket[] = [];
let server: WebSocketServer | null = null;

serve({
  listen: ({ port }: { readonly port: number }) =>
    new Promise<void>((resolve) => {
      server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false }, resolve);
      server.on('connection', (socket) => {
        sockets.push(socket);
      });
    }),
  send: ({ texts }: { readonly texts: readonly string[] }) => {
    for (const [index, text] of texts.entries()) sockets[index]?.send(text);
  },
});
