type Handlers = Readonly<Record<string, (args: never) => unknown>>;
type Question = { readonly id: number; readonly name: string; readonly args: unknown };

/**
 * Answers the questions of the process that started this one.
 * @param keepAlive false: this alone does not keep the process running
 */
export function serve(handlers: Handlers, keepAlive = true): void {
  process.on('message', (question: Question) => {
    void answer(handlers, question);
  });
  if (!keepAlive) process.channel?.unref();
  process.on('disconnect', () => {
    if (keepAlive) process.exit(0);
  });
}

async function answer(handlers: Handlers, { id, name, args }: Question): Promise<void> {
  try {
    const handler = handlers[name];
    if (handler === undefined) throw new Error(`No question "${name}"`);
    const value = await handler(args as never);
    process.send?.({ id, value: value ?? null });
  } catch (error) {
    process.send?.({ id, error: (error as Error).message });
  }
}
