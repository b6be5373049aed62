// Keeps the page for times without a network, and offers to install it.

/** @param {HTMLElement} button Hidden until the browser would install. */
export function offerInstall(button) {
  /** @type {any} */
  let offer;
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    offer = event;
    button.hidden = false;
  });
  button.addEventListener("click", async () => {
    button.hidden = true;
    await offer?.prompt();
  });
}

/**
 * Keep the page.
 *
 * @returns {Promise<boolean>} Whether it is kept; only pages by HTTPS or of this computer can be.
 */
export async function keep() {
  if (!("serviceWorker" in navigator)) {
    return false;
  }
  try {
    await navigator.serviceWorker.register("/service-worker.js");
    await navigator.serviceWorker.ready;
    return true;
  } catch {
    return false;
  }
}
