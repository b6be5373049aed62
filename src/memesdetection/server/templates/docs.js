SwaggerUIBundle({
  url: {{ url_for("docs.description") | tojson }},
  dom_id: "#docs",
  deepLinking: true,
  // Its validator is another site's.
  validatorUrl: null,
});
