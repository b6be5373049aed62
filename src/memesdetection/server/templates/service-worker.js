// Keeps the page and the model, so that both work without a network. Answers nothing else.
const KEPT = {{ ("memes-" ~ version) | tojson }};
const ADDRESSES = {{ addresses | tojson }};

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.open(KEPT).then((kept) => kept.addAll(ADDRESSES)));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) =>
    Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))),
  );
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  const ours = origin === self.location.origin && ADDRESSES.includes(pathname);
  if (ours && event.request.method === "GET") {
    const kept = caches.open(KEPT).then((cache) => cache.match(pathname));
    event.respondWith(kept.then((answer) => answer ?? fetch(event.request)));
  }
});
