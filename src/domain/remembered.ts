/** A function that works out its answer about an object once; the answer is forgotten with the object. For objects that never change. */
export function remembered<Of extends object, Answer>(workOut: (of: Of) => Answer): (of: Of) => Answer {
  const answers = new WeakMap<Of, { readonly answer: Answer }>();
  return (of) => {
    let known = answers.get(of);
    if (known === undefined) {
      known = { answer: workOut(of) };
      answers.set(of, known);
    }
    return known.answer;
  };
}
