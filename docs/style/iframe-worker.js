// Pages opened from disk may start no worker, and the search of the theme is one. Here a hidden frame of the page stands in for it.
"use strict";
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(script) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "search";
      document.body.append(frame);
      this.held = frame.contentWindow;
      this.waiting = [];
      this.ready = false;
      // what the script posts goes to whoever made the worker, as a message of the worker
      this.held.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      this.held.importScripts = (...urls) => urls.reduce((before, url) => before.then(() => this.load(url)), Promise.resolve());
      this.load(script).then(() => {
        this.ready = true;
        this.waiting.splice(0).forEach((data) => this.postMessage(data));
      });
    }

    load(url) {
      return new Promise((resolve, reject) => {
        const tag = this.held.document.createElement("script");
        tag.src = new URL(url, document.baseURI).href;
        tag.onload = resolve;
        tag.onerror = reject;
        this.held.document.body.append(tag);
      });
    }

    postMessage(data) {
      if (this.ready) this.held.dispatchEvent(new MessageEvent("message", { data }));
      else this.waiting.push(data);
    }

    terminate() {
      this.held.frameElement.remove();
    }
  };
  window.Worker = window.IFrameWorker;
}
