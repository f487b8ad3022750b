"""A form with every kind of field."""

from __future__ import annotations

from django import forms


class KitForm(forms.Form):
    name = forms.CharField(label="Name", max_length=40, help_text="As colleagues know you.")
    email = forms.EmailField(label="Work e-mail")
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    code = forms.CharField(label="Six digits", required=False)
    zone = forms.ChoiceField(label="Time zone", choices=[("o", "Europe/Oslo"), ("w", "Warsaw")])
    goal = forms.CharField(label="Your goal", widget=forms.Textarea(attrs={"rows": 3}))
    starts = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    sheet = forms.FileField(label="File", required=False)
    agreed = forms.BooleanField(label="Nothing here judges people", help_text="Always on.")
    shift = forms.ChoiceField(
        label="Shift", choices=[("d", "Day"), ("e", "Evening")], widget=forms.RadioSelect
    )
    level = forms.ChoiceField(
        label="Level", choices=[("1", "Learning"), ("2", "With help")], widget=forms.RadioSelect
    )
    minutes = forms.ChoiceField(
        label="Minutes", choices=[("5", "5"), ("10", "10")], widget=forms.RadioSelect
    )
    days = forms.MultipleChoiceField(
        label="Working days",
        choices=[("mo", "Monday"), ("tu", "Tuesday")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
