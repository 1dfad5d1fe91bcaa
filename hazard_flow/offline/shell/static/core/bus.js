/* One place to hear of changes: in this page at once, in the other tabs and the worker through a BroadcastChannel. */

/** Events `records`, `drafts`, `sender`, `session`, `data`, `update`, `storage`; `event.detail.remote` is true from another tab. */
export const bus = new EventTarget();

const channel = new BroadcastChannel("hf");
channel.onmessage = ({ data }) => dispatch(data.type, { ...data.detail, remote: true });

/** Tell everybody. `detail` must be plain data. */
export function emit(type, detail = {}) {
  dispatch(type, { ...detail, remote: false });
  channel.postMessage({ type, detail });
}

/** Call `act(detail)` on each event of the type; returns how to stop. */
export function on(type, act) {
  const listener = (event) => act(event.detail);
  bus.addEventListener(type, listener);
  return () => bus.removeEventListener(type, listener);
}

function dispatch(type, detail) {
  bus.dispatchEvent(new CustomEvent(type, { detail }));
}
