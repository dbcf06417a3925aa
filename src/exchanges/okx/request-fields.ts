/** What may stand in a request that is written by hand: nothing that could break out of its quotes. */
export const SYMBOL = /^[A-Z0-9_-]{1,40}$/;
export const CLIENT_ORDER_ID = /^[A-Za-z0-9]{1,32}$/;
export const PLAIN_NUMBER = /^\d{1,18}(?:\.\d{1,18})?$/;
