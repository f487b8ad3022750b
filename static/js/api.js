// Shows the description of the API. Its own file: the policy lets no script stand in a page.
"use strict";

const place = document.getElementById("swagger-ui");

// Swagger UI's own layout brings a second main, a title and a choice of one server.
const PlainLayout = ({ React }) => ({
  components: {
    PlainLayout: ({ getComponent, specSelectors }) => {
      const part = (name, whole) => React.createElement(getComponent(name, whole), { key: name });
      if (specSelectors.loadingStatus() !== "success") {
        return React.createElement("div", { className: "swagger-ui" }, part("errors", true));
      }
      const parts = [part("SvgAssets"), part("AuthorizeBtnContainer", true)];
      return React.createElement("div", { className: "swagger-ui" }, parts, part("operations", true));
    },
  },
});

window.SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [window.SwaggerUIBundle.presets.apis],
  plugins: [PlainLayout],
  layout: "PlainLayout",
  validatorUrl: null,
  persistAuthorization: false,
  syntaxHighlight: { activated: false },
});

// Swagger UI is dark by a class of its own: kept in step with the theme, the page's or the device's.
const root = document.documentElement;
const device = matchMedia("(prefers-color-scheme: dark)");
const follow = () => root.classList.toggle("dark-mode", root.dataset.theme ? root.dataset.theme === "dark" : device.matches);
device.addEventListener("change", follow);
new MutationObserver(follow).observe(root, { attributeFilter: ["data-theme"] });
follow();
